"""The pages of the documentation site, in Markdown for mkdocs: notebooks as they are stored, without
hidden cells, and a reference made from the modules. Nothing is executed or imported.

    python .ci/site.py           # writes runs/site, with mkdocs.yml
    python .ci/site.py check     # whether every notebook has its place; exit code 1 if not
    python .ci/site.py studies   # studies in results/ that have a report
    python .ci/site.py links _docs # whether the built pages ask nothing of another host
"""
import ast
import base64
import io
import json
import re
import shutil
import sys
import tokenize
from pathlib import Path
from house import NBS, ROOMS, cells, is_method, module

ROOT = NBS.parent
OUT = ROOT/'runs/site'
PAGES = OUT/'docs'
# What one reads or runs, in reading order; 'index' is the first page
START = ['tour']
GUIDES = ['own_data', 'own_encoder', 'own_study', 'own_translator', 'reading_a_report']
RUN = ['train', 'evaluate', 'tag', 'rates', 'report', 'translate', 'compare']
TEXTS = ['CONTRIBUTING', 'CHANGELOG']


def title(path):
    "Title and subtitle of a notebook."
    texts = (source for kind, source, _ in cells(path) if kind == 'markdown')
    found = re.match(r'# (.+)(?:\n> (.+))?', next(texts))
    return found[1].strip(), found[2] or ''


def of_room(room):
    "The notebooks of a room in reading order: those with numbers, then the others."
    return sorted((NBS/room).glob('*.ipynb'), key=lambda path: (not path.name[0].isdigit(), path.name))


def placed():
    "Every notebook that the navigation names."
    named = [NBS/f'{name}.ipynb' for name in ['index', *START, *GUIDES, *RUN]]
    return {path for path in named if path.exists()} | {path for room in ROOMS for path in of_room(room)}


def faults():
    "Notebooks without a place, and places without a notebook or text, in words."
    for path in sorted(set(NBS.rglob('*.ipynb')) - placed()):
        yield f'{path.relative_to(NBS)} has no place in the navigation; name it in .ci/site.py'
    for name in [*START, *GUIDES, *RUN]:
        if not (NBS/f'{name}.ipynb').exists() and not (ROOT/f'guides/{name}.md').exists():
            yield f'the navigation names {name}, which is not there'


# ---- notebooks

def is_shown(cell):
    "Whether a cell is for readers."
    source = ''.join(cell['source'])
    return bool(source.strip()) and not re.match(r'#\| *(hide\b|default_exp)', source)


def code_shown(source):
    "Code without the lines that nbdev reads."
    return re.sub(r'^#\|.*\n?', '', source, flags=re.M).strip('\n')


CODE = r'(```.*?```|`[^`\n]+`|^ {4}.*$)' # in which a dollar is no formula
FORMULA = r'\$\$(.+?)\$\$|(?<![\w\\$])\$(?! )([^$\n]+?)(?<! )\$(?!\w)' # as a block, in a line


def with_formulas(text):
    "Markdown whose formulas are MathML, which needs no script."
    from latex2mathml.converter import convert
    def formula(found):
        code, block, line = found.groups()
        return code or convert(block or line, display='block' if block else 'inline')
    return re.sub(f'{CODE}|{FORMULA}', formula, text, flags=re.S | re.M)


def page_for(target):
    "The page or the picture, among the pages, that a file of the repository becomes; None if it becomes none."
    if target.suffix == '.ipynb' and target.is_relative_to(NBS): return page_of(target)
    if target.suffix == '.md' and target.parent == ROOT: return Path(f'{target.stem.lower()}.md')
    if target.suffix == '.md' and target.parent == ROOT/'guides': return Path(target.name)
    if target.suffix == '.svg' and target.is_file(): return keep_picture(target)


def to_pages(text, place):
    "Links from `place`, a folder of the repository, to files of the repository as links between pages."
    def turned(found):
        page = page_for((place/found[1]).resolve())
        return f'({relative(page, place)}{found[2] or ""})' if page else found[0]
    return re.sub(r'\(((?:\.\.?/)*[\w./-]+\.(?:ipynb|md|svg))(#[\w-]+)?\)', turned, text)


def page_of(path):
    "Where a notebook stands among the pages."
    return path.relative_to(NBS).with_suffix('.md')


def reference_of(path):
    "Where the reference of a notebook's module stands among the pages."
    return Path('reference', *module(path).split('.')).with_suffix('.md')


def relative(page, place):
    depth = len(place.relative_to(NBS).parts) if place.is_relative_to(NBS) else 0
    return '../'*depth + page.as_posix()


def keep_picture(path):
    name = Path('pictures')/'-'.join(path.relative_to(ROOT).parts)
    (PAGES/name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, PAGES/name)
    return name


def whole_html(text):
    "HTML as one block of Markdown."
    text = re.sub(r'<style scoped>.*?</style>', '', text, flags=re.S)
    return '<div class="output" markdown="0">' + re.sub(r'\n\s*\n', '\n', text).strip() + '</div>'


def joined(text): return ''.join(text) if isinstance(text, list) else text


def output_pages(output, picture):
    "One output of a cell, in Markdown; `picture` keeps a file and gives its place."
    if output['output_type'] == 'stream': return fence(''.join(output['text']), 'text')
    data = {kind: joined(value) for kind, value in output['data'].items()}
    if 'image/svg+xml' in data: return picture(data['image/svg+xml'].encode(), 'svg')
    if 'image/png' in data: return picture(base64.b64decode(data['image/png']), 'png')
    if 'text/html' in data: return whole_html(data['text/html'])
    if 'text/markdown' in data: return data['text/markdown']
    return fence(data.get('text/plain', ''), 'text')


def fence(text, language): return f'````{language}\n{text.rstrip()}\n````' if text.strip() else ''


def notebook_page(path):
    "A notebook in Markdown."
    name, _ = title(path)
    parts, count = [], 0

    def picture(content, kind):
        nonlocal count
        count += 1
        file = PAGES/page_of(path).parent/f'{path.stem}-{count}.{kind}'
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return f'![A figure of the notebook {name}]({file.name})'

    for cell in json.loads(path.read_text(encoding='utf-8'))['cells']:
        source = ''.join(cell['source'])
        if not is_shown(cell): continue
        if cell['cell_type'] == 'markdown': parts.append(to_pages(with_formulas(source), path.parent))
        elif cell['cell_type'] == 'code':
            parts.append(fence(code_shown(source), 'python'))
            parts += [output_pages(output, picture) for output in cell['outputs']]
    if exported := module(path):
        place = relative(reference_of(path), path.parent)
        parts.insert(1, f'Its names, one by one: [xlingnb.{exported}]({place})')
    return '\n\n'.join(filter(None, parts)) + '\n'


def on_page_content(html, **_):
    "A page that mkdocs has made, as a hook may change it: an empty corner of a table is no head."
    return re.sub(r'<th\b([^>]*)>\s*(?:&nbsp;)?\s*</th>', r'<td\1></td>', html)


# ---- reference

def comments(source):
    "Line number -> comment, of Python."
    found = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string.lstrip('# ') for token in found if token.type == tokenize.COMMENT}


def cell_text(text): return str(text).replace('|', '\\|').replace('\n', ' ')


def code_text(text): return f'`{" ".join(str(text).split())}`' if text else ''


def table(head, rows):
    lines = [head, ['---']*len(head), *rows]
    return '\n'.join('| ' + ' | '.join(line) + ' |' for line in lines)


def row(name, kind, default, meaning):
    return [code_text(name), code_text(kind), code_text(ast.unparse(default) if default else ''), cell_text(meaning)]


def parameter_rows(function, said):
    "A row per parameter: name, type, default, meaning."
    a = function.args
    plain = a.posonlyargs + a.args
    defaults = [None]*(len(plain) - len(a.defaults)) + a.defaults + a.kw_defaults
    everything = [*zip(plain + a.kwonlyargs, defaults, strict=True)]
    everything += [(more, None) for more in (a.vararg, a.kwarg) if more]
    for parameter, default in everything:
        if parameter.arg in ('self', 'cls'): continue
        kind = ast.unparse(parameter.annotation) if parameter.annotation else ''
        line = (default or parameter).end_lineno
        of_result = function.returns and function.returns.end_lineno == line
        meaning = '' if of_result else said.get(line, '')
        yield row(parameter.arg, kind, default, meaning)


def head_of(node):
    "The first line of a definition."
    if isinstance(node, ast.ClassDef):
        bases = ', '.join(map(ast.unparse, node.bases))
        return f'class {node.name}' + (f'({bases})' if bases else '')
    returns = f' -> {ast.unparse(node.returns)}' if node.returns else ''
    return f'{node.name}({ast.unparse(node.args)}){returns}'


def returned(node, said, lines):
    "What the comment behind the return type says."
    if not node.returns: return ''
    line = node.returns.end_lineno
    return said.get(line, '') if lines[line - 1].partition('#')[0].rstrip().endswith(':') else ''


def field_rows(node, said):
    "A row per field of a class: a dataclass, or settings whose meaning stands in Field."
    for line in node.body:
        if not isinstance(line, ast.AnnAssign) or line.target.id.startswith('_'): continue
        value, meaning = line.value, said.get(line.end_lineno, '')
        if isinstance(value, ast.Call) and ast.unparse(value.func) == 'Field':
            texts = [k.value.value for k in value.keywords if k.arg == 'description' and isinstance(k.value, ast.Constant)]
            meaning = texts[0] if texts else meaning
            value = value.args[0] if value.args else None
        yield row(line.target.id, ast.unparse(line.annotation), value, meaning)


def public(nodes, *kinds):
    return [n for n in nodes if isinstance(n, kinds) and not n.name.startswith('_')]


def methods_of(node, tree):
    "Public methods of a class: those in its body, and those that `@patch` puts into it."
    later = [n for n in tree.body if is_method(n) and ast.unparse(n.args.args[0].annotation) == node.name]
    return [n for n in public([*node.body, *later], ast.FunctionDef) if ast.get_docstring(n)]


def described(node, said, lines, tree, level='##'):
    "A function or a class, in Markdown."
    parts = [f'{level} {node.name}', fence(head_of(node), 'python'), ast.get_docstring(node) or '']
    is_class = isinstance(node, ast.ClassDef)
    rows = list(field_rows(node, said) if is_class else parameter_rows(node, said))
    if rows: parts.append(table(['field' if is_class else 'parameter', 'type', 'default', 'meaning'], rows))
    if not is_class and (back := returned(node, said, lines)):
        parts.append(f'Returns {code_text(ast.unparse(node.returns))}: {cell_text(back)}')
    if is_class: parts += [described(method, said, lines, tree, '###') for method in methods_of(node, tree)]
    return '\n\n'.join(filter(None, parts))


def constant_rows(tree, said):
    "A row per constant of a module."
    for node in tree.body:
        for target in node.targets if isinstance(node, ast.Assign) else []:
            name = target.id if isinstance(target, ast.Name) else ''
            if name.isupper() and not name.startswith('_'): yield [code_text(name), cell_text(said.get(node.lineno, ''))]


def reference_page(path):
    "The public names of a module; None if it has none."
    source = (ROOT/'xlingnb'/f'{module(path).replace(".", "/")}.py').read_text(encoding='utf-8')
    tree, said, lines = ast.parse(source), comments(source), source.split('\n')
    nodes = [n for n in public(tree.body, ast.FunctionDef, ast.ClassDef) if not is_method(n)]
    constants = list(constant_rows(tree, said))
    back = f'Explained in the notebook [{title(path)[0]}](../../{page_of(path).as_posix()}).'
    parts = [f'# xlingnb.{module(path)}', title(path)[1], back, *(described(node, said, lines, tree) for node in nodes)]
    if constants: parts += ['## Constants', table(['name', 'meaning'], constants)]
    return '\n\n'.join(filter(None, parts)) + '\n'


# ---- the site

def room_page(room):
    "The notebooks of a room with their subtitles."
    rows = [[f'[{path.stem}]({path.stem}.md)', cell_text(title(path)[1])] for path in of_room(room)]
    return f'# The room {room}\n\n' + table(['notebook', 'what it is about'], rows) + '\n'


def studies():
    "The studies in results/ that have a report: more than one system."
    for folder in sorted((ROOT/'results').iterdir()):
        systems = {path.parents[1].name for path in folder.glob('*/seed-*/run.json')}
        if len(systems) > 1 and '-rate-' not in folder.name: yield folder.name


def write(place, text):
    (PAGES/place).parent.mkdir(parents=True, exist_ok=True)
    (PAGES/place).write_text(text, encoding='utf-8')
    return str(place)


def guide(name):
    "The page of a guide: a notebook, or a text in guides/."
    if (NBS/f'{name}.ipynb').exists(): return write(f'{name}.md', notebook_page(NBS/f'{name}.ipynb'))
    text = (ROOT/f'guides/{name}.md').read_text(encoding='utf-8')
    return write(f'{name}.md', to_pages(text.replace('](../nbs/', ']('), NBS))


def report_pages():
    "The reports that were made before, each a file of its own."
    rows = []
    for path in sorted((ROOT/'runs/reports').glob('*.html')):
        (PAGES/'reports').mkdir(exist_ok=True)
        shutil.copy(path, PAGES/'reports'/path.name)
        rows.append([f'<a href="../reports/{path.name}">{path.stem}</a>'])
    said = table(['study'], rows) if rows else 'This site was built without them; `.ci/site --reports` makes them.'
    about = 'Each is one HTML file, made by `xlingnb report` from the records in `results/`.'
    return f'# Reports of the committed studies\n\n{about}\n\n{said}\n'


def named(paths):
    "Names and pages of notebooks; writes the pages."
    names = [title(path)[0] if path.name[0].isdigit() else path.stem for path in paths]
    return [{name: write(page_of(path), notebook_page(path))} for name, path in zip(names, paths, strict=True)]


def room_pages(room):
    return [{f'about {room}': write(f'{room}/index.md', room_page(room))}, *named(of_room(room))]


def reference_pages(room):
    paths = [path for path in of_room(room) if module(path)]
    return [{path.stem[3:]: write(reference_of(path), reference_page(path))} for path in paths]


def text_page(name):
    "A text of the repository's root."
    text = (ROOT/f'{name}.md').read_text(encoding='utf-8').replace('](nbs/', '](').replace('(README.md)', '(index.md)')
    return write(f'{name.lower()}.md', to_pages(text, NBS))


def navigation():
    "Names and pages, as mkdocs has them; writes the pages."
    return [
        {'Start': write('index.md', notebook_page(NBS/'index.ipynb'))},
        *({name.capitalize(): guide(name)} for name in START),
        {'Guides': [{name.replace('_', ' ').capitalize(): guide(name)} for name in GUIDES]},
        {'What one runs': named([NBS/f'{name}.ipynb' for name in RUN])},
        {'Notebooks': [{room: room_pages(room)} for room in ROOMS]},
        {'Reference': [{room: reference_pages(room)} for room in ROOMS]},
        {'Reports': write('reports.md', report_pages())},
        {'Working on it': [{name.capitalize(): text_page(name)} for name in TEXTS]}]


STYLE = '''
.md-grid { max-width: 76rem } .md-typeset pre > code { font-size: .65rem }
.output { overflow-x: auto } .output table { font-size: .7rem } .output th, .output td { padding: .2rem .5rem; text-align: right }
.md-typeset img { background: #fff; max-width: 100% } .md-typeset table:not([class]) code { overflow-wrap: anywhere }
.md-typeset math[display="block"] { margin: .8em 0; overflow-x: auto }
.md-typeset :is(p, li, td) > a { text-decoration: underline }
form[data-md-component="palette"] input { display: none } .md-tabs__link { opacity: .9 }
.md-typeset .headerlink { color: var(--md-default-fg-color--light) }
[data-md-color-scheme="default"] { --md-code-hl-comment-color: #59636e; --md-default-fg-color--light: #000000a3 }
[data-md-color-scheme="slate"][data-md-color-primary] {
  --md-default-fg-color--light: hsla(var(--md-hue), 15%, 90%, .7); --md-typeset-a-color: #7ea6f0;
  --md-code-hl-number-color: #ee8a7e; --md-code-hl-constant-color: #a99bec }
'''

# The theme puts the button that copies code into a nav without a name; a page has no twenty navigations
SCRIPT = '''
new MutationObserver(() => document.querySelectorAll('.md-code__nav').forEach(nav => nav.setAttribute('role', 'none')))
  .observe(document.body, {childList: true, subtree: true})
'''


def settings(nav):
    "What mkdocs is to do; JSON is YAML, too."
    schemes = {'light': 'default', 'dark': 'slate'}
    palette = [dict(scheme=scheme, media=f'(prefers-color-scheme: {way})') for way, scheme in schemes.items()]
    features = ['navigation.prune', 'navigation.tabs', 'navigation.indexes', 'navigation.top',
                'content.code.copy', 'search.suggest']
    toc = {'toc': {'permalink': True, 'toc_depth': 3}}
    return dict(
        site_name='xlingnb', docs_dir='docs', use_directory_urls=False, extra_css=['style.css'],
        extra_javascript=['page.js'], nav=nav, hooks=[str(Path(__file__).resolve())],
        theme=dict(name='material', font=False, palette=palette, features=features), plugins=['search'],
        markdown_extensions=['tables', 'attr_list', 'md_in_html', toc, 'pymdownx.highlight', 'pymdownx.superfences'],
        extra=dict(generator=False),
        validation=dict(links=dict(anchors='warn', unrecognized_links='warn'), nav=dict(omitted_files='warn')))


FOREIGN = (r'<(?:script|img|iframe|source)\b[^>]*\bsrc="((?:https?:)?//[^"]+)'
           r'|<link\b[^>]*rel="(?:stylesheet|icon|preconnect)"[^>]*href="((?:https?:)?//[^"]+)')


def foreign(folder):
    "What a built page would ask of another host."
    for path in sorted(Path(folder).rglob('*.html')):
        text = path.read_text(encoding='utf-8')
        for found in re.findall(FOREIGN, text):
            yield f'{path}: {"".join(found)}'


def main():
    words = sys.argv[1:]
    if words[:1] == ['studies']: print(*studies())
    elif words[:1] in (['check'], ['links']):
        broken = list(faults() if words[0] == 'check' else foreign(words[1]))
        print(*broken or ['The site is in order.'], sep='\n')
        sys.exit(bool(broken))
    else:
        shutil.rmtree(PAGES, ignore_errors=True)
        PAGES.mkdir(parents=True)
        write('style.css', STYLE)
        write('page.js', SCRIPT)
        content = json.dumps(settings(navigation()), ensure_ascii=False, indent=1)
        (OUT/'mkdocs.yml').write_text(content, encoding='utf-8')


if __name__ == '__main__': main()
