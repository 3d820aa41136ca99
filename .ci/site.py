"""The pages of the documentation site, in Markdown for mkdocs: notebooks as they are stored, without hidden cells,
and a reference made from the modules. Nothing is executed or imported.

    python .ci/site.py           # writes runs/site, with mkdocs.yml
    python .ci/site.py check     # whether every notebook has its place; exit code 1 if not
    python .ci/site.py studies   # studies in results/ that have a report
    python .ci/site.py links _docs # whether the built pages ask nothing of another host
"""
import ast
import io
import json
import re
import shutil
import sys
import tokenize
from pathlib import Path
from house import NBS, ROOMS, cells, module

ROOT = NBS.parent
OUT = ROOT/'runs/site'
PAGES = OUT/'docs'
# What one reads or runs, in reading order; 'index' is the first page
START = ['tour']
GUIDES = ['own_data', 'own_encoder', 'own_study', 'reading_a_report']
RUN = ['train', 'evaluate', 'tag', 'rates', 'report', 'translate', 'compare']
TEXTS = ['CONTRIBUTING', 'CHANGELOG']


def title(path):
    "Title and subtitle of a notebook, or of a text in Markdown."
    text = next(source for kind, source, _ in cells(path) if kind == 'markdown') if path.suffix == '.ipynb' else path.read_text(encoding='utf-8')
    found = re.match(r'# (.+)(?:\n> (.+))?', text)
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
        if not (NBS/f'{name}.ipynb').exists() and not (ROOT/f'guides/{name}.md').exists(): yield f'the navigation names {name}, which is not there'


# ---- notebooks

def is_shown(cell):
    "Whether a cell is for readers."
    source = ''.join(cell['source'])
    return bool(source.strip()) and not re.match(r'#\| *(hide\b|default_exp)', source)


def code_shown(source):
    "Code without the lines that nbdev reads."
    return re.sub(r'^#\|.*\n?', '', source, flags=re.M).strip('\n')


def with_formulas(text):
    "Markdown whose formulas are MathML, which needs no script."
    from latex2mathml.converter import convert
    def formula(found):
        code, block, line = found.groups()
        return code or convert(block or line, display='block' if block else 'inline')
    return re.sub(r'(```.*?```|`[^`\n]+`|^ {4}.*$)|\$\$(.+?)\$\$|(?<![\w\\$])\$(?! )([^$\n]+?)(?<! )\$(?!\w)', formula, text, flags=re.S | re.M)


def to_pages(text, place):
    "Links from `place`, a folder of the repository, to files of the repository as links between pages."
    def turned(found):
        name, anchor = found[1], found[2] or ''
        target = (place/name).resolve()
        if target.suffix == '.ipynb' and target.is_relative_to(NBS): return f'({relative(page_of(target), place)}{anchor})'
        if target.suffix == '.md' and target.parent == ROOT: return f'({relative(Path(target.stem.lower() + ".md"), place)}{anchor})'
        if target.suffix == '.md' and target.parent == ROOT/'guides': return f'({relative(Path(target.name), place)}{anchor})'
        if target.suffix == '.svg' and target.is_file(): return f'({relative(keep_picture(target), place)})'
        return found[0]
    return re.sub(r'\(((?:\.\.?/)*[\w./-]+\.(?:ipynb|md|svg))(#[\w-]+)?\)', turned, text)


def page_of(path):
    "Where a notebook stands among the pages."
    return path.relative_to(NBS).with_suffix('.md')


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


def output_pages(output, picture):
    "One output of a cell, in Markdown; `picture` keeps a file and gives its place."
    if output['output_type'] == 'stream': return fence(''.join(output['text']), 'text')
    data = {kind: ''.join(value) if isinstance(value, list) else value for kind, value in output['data'].items()}
    if 'image/svg+xml' in data: return picture(data['image/svg+xml'].encode(), 'svg')
    if 'image/png' in data:
        import base64
        return picture(base64.b64decode(data['image/png']), 'png')
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
        elif cell['cell_type'] == 'code': parts += [fence(code_shown(source), 'python'), *(output_pages(output, picture) for output in cell['outputs'])]
    if name_of := module(path): parts.insert(1, f'Its names, one by one: [xlingnb.{name_of}]({"../"*len(path.parent.relative_to(NBS).parts)}reference/{name_of.replace(".", "/")}.md)')
    return '\n\n'.join(filter(None, parts)) + '\n'


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
        meaning = '' if function.returns and function.returns.end_lineno == line else said.get(line, '') # that of the result
        yield [code_text(parameter.arg), code_text(kind), code_text(ast.unparse(default) if default else ''), cell_text(meaning)]


def head_of(node):
    "The first line of a definition."
    if isinstance(node, ast.ClassDef): return f'class {node.name}' + (f"({', '.join(map(ast.unparse, node.bases))})" if node.bases else '')
    returns = f' -> {ast.unparse(node.returns)}' if node.returns else ''
    return f'{node.name}({ast.unparse(node.args)}){returns}'


def returned(node, said, lines):
    "What the comment behind the return type says."
    start = node.returns.end_lineno if node.returns else None
    return said.get(start, '') if start and lines[start - 1].rstrip().partition('#')[0].rstrip().endswith(':') else ''


def field_rows(node, said):
    "A row per field of a class: a dataclass, or settings whose meaning stands in Field."
    for line in node.body:
        if not isinstance(line, ast.AnnAssign) or line.target.id.startswith('_'): continue
        value, meaning = line.value, said.get(line.end_lineno, '')
        if isinstance(value, ast.Call) and ast.unparse(value.func) == 'Field':
            meaning = next((k.value.value for k in value.keywords if k.arg == 'description' and isinstance(k.value, ast.Constant)), meaning)
            value = value.args[0] if value.args else None
        yield [code_text(line.target.id), code_text(ast.unparse(line.annotation)), code_text(ast.unparse(value) if value else ''), cell_text(meaning)]


def described(node, said, lines, level='##'):
    "A function or a class, in Markdown."
    parts = [f'{level} {node.name}', fence(head_of(node), 'python'), ast.get_docstring(node) or '']
    is_class = isinstance(node, ast.ClassDef)
    rows = list(field_rows(node, said) if is_class else parameter_rows(node, said))
    if rows: parts.append(table(['field' if is_class else 'parameter', 'type', 'default', 'meaning'], rows))
    if not is_class and (back := returned(node, said, lines)): parts.append(f'Returns {code_text(ast.unparse(node.returns))}: {cell_text(back)}')
    if is_class:
        methods = [n for n in node.body if isinstance(n, ast.FunctionDef) and not n.name.startswith('_') and ast.get_docstring(n)]
        parts += [described(method, said, lines, '###') for method in methods]
    return '\n\n'.join(filter(None, parts))


def reference_page(path):
    "The public names of a module; None if it has none."
    source = (ROOT/'xlingnb'/f'{module(path).replace(".", "/")}.py').read_text(encoding='utf-8')
    tree, said, lines = ast.parse(source), comments(source), source.split('\n')
    nodes = [n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and not n.name.startswith('_')]
    constants = [[code_text(t.id), cell_text(said.get(n.lineno, ''))] for n in tree.body if isinstance(n, ast.Assign)
                 for t in n.targets if isinstance(t, ast.Name) and t.id.isupper() and not t.id.startswith('_')]
    back = f'Explained in the notebook [{title(path)[0]}](../../{page_of(path).as_posix()}).'
    parts = [f'# xlingnb.{module(path)}', title(path)[1], back, *(described(node, said, lines) for node in nodes)]
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
    return '# Reports of the committed studies\n\nEach is one HTML file, made by `xlingnb report` from the records in `results/`.\n\n' + said + '\n'


def navigation():
    "Names and pages, as mkdocs has them; writes the pages."
    def named(paths): return [{title(path)[0] if path.name[0].isdigit() else path.stem: write(page_of(path), notebook_page(path))} for path in paths]
    nav = [{'Start': write('index.md', notebook_page(NBS/'index.ipynb'))}, *({name.capitalize(): guide(name)} for name in START)]
    nav.append({'Guides': [{name.replace('_', ' ').capitalize(): guide(name)} for name in GUIDES]})
    nav.append({'What one runs': named(NBS/f'{name}.ipynb' for name in RUN)})
    nav.append({'Notebooks': [{room: [{f'about {room}': write(f'{room}/index.md', room_page(room))}, *named(of_room(room))]} for room in ROOMS]})
    reference = []
    for room in ROOMS:
        paths = [path for path in of_room(room) if module(path)]
        reference.append({room: [{module(path).split('.')[1]: write(f'reference/{module(path).replace(".", "/")}.md', reference_page(path))} for path in paths]})
    nav.append({'Reference': reference})
    nav.append({'Reports': write('reports.md', report_pages())})
    texts = [{name.capitalize(): write(f'{name.lower()}.md', to_pages((ROOT/f'{name}.md').read_text(encoding='utf-8').replace('](nbs/', ']('), NBS).replace('(README.md)', '(index.md)'))} for name in TEXTS]
    return [*nav, {'Working on it': texts}]


STYLE = '''
.md-grid { max-width: 76rem } .md-typeset pre > code { font-size: .65rem }
.output { overflow-x: auto } .output table { font-size: .7rem } .output th, .output td { padding: .2rem .5rem; text-align: right }
.md-typeset img { background: #fff; max-width: 100% } .md-typeset table:not([class]) code { overflow-wrap: anywhere }
.md-typeset math[display="block"] { margin: .8em 0; overflow-x: auto }
'''


def settings(nav):
    "What mkdocs is to do; JSON is YAML, too."
    two = [dict(scheme=scheme, media=f'(prefers-color-scheme: {way})') for scheme, way in (('default', 'light'), ('slate', 'dark'))]
    features = ['navigation.prune', 'navigation.tabs', 'navigation.indexes', 'navigation.top', 'content.code.copy', 'search.suggest']
    toc = {'toc': {'permalink': True, 'toc_depth': 3}}
    return dict(
        site_name='xlingnb', docs_dir='docs', use_directory_urls=False, extra_css=['style.css'], nav=nav,
        theme=dict(name='material', font=False, palette=two, features=features), plugins=['search'],
        markdown_extensions=['tables', 'attr_list', 'md_in_html', toc, 'pymdownx.highlight', 'pymdownx.superfences'],
        extra=dict(generator=False),
        validation=dict(links=dict(anchors='warn', unrecognized_links='warn'), nav=dict(omitted_files='warn')))


def foreign(folder):
    "What a built page would ask of another host."
    for path in sorted(Path(folder).rglob('*.html')):
        text = path.read_text(encoding='utf-8')
        for found in re.findall(r'<(?:script|img|iframe|source)\b[^>]*\bsrc="((?:https?:)?//[^"]+)|<link\b[^>]*rel="(?:stylesheet|icon|preconnect)"[^>]*href="((?:https?:)?//[^"]+)', text):
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
        (OUT/'mkdocs.yml').write_text(json.dumps(settings(navigation()), ensure_ascii=False, indent=1), encoding='utf-8')


if __name__ == '__main__': main()
