"""The order of the house: rooms import from rooms above them only, numbers follow imports, a name is defined once,
notebooks store nothing that belongs to one machine, and their links lead somewhere.

    python .ci/house.py          # the rules; exit code 1 if one is broken
    python .ci/house.py figures  # how each notebook reads: cells, prose, lines, ideas, nodes
"""
import ast
import json
import re
import statistics
import sys
from collections import defaultdict
from pathlib import Path

ROOMS = ['study', 'lab', 'fit', 'ner', 'mt', 'published', 'bench', 'command'] # from top to bottom
APART = [{'ner', 'mt'}] # rooms that never import from each other
NBS = Path(__file__).parents[1]/'nbs'


def cells(path):
    for cell in json.loads(path.read_text(encoding='utf-8'))['cells']:
        yield cell['cell_type'], ''.join(cell['source']), cell.get('outputs', [])


def exported(path):
    "Source of the cells that go into the module."
    for kind, source, _ in cells(path):
        if kind == 'code' and re.match(r'#\| *exporti?\b', source): yield source


def module(path):
    "Name of the module that a notebook exports, such as 'ner.data'; None if it exports nothing."
    found = [re.match(r'#\| *default_exp +(\S+)', source) for _, source, _ in cells(path)]
    return next((m[1] for m in found if m), None)


def plain(source):
    "Python without the lines that IPython alone knows."
    return '\n'.join('pass' if re.match(r'\s*[%!]', line) else line for line in source.split('\n'))


def imports(path):
    "Modules of the project that the exported cells import, such as 'study.records'."
    for source in exported(path):
        for node in ast.walk(ast.parse(plain(source))):
            if isinstance(node, ast.ImportFrom) and (node.module or '').startswith('xlingnb.'):
                yield node.module.removeprefix('xlingnb.')


def is_method(node):
    "Whether a function is put into a class by `@patch`, so that its name is one of the class."
    made = [getattr(decorator, 'func', decorator) for decorator in getattr(node, 'decorator_list', [])]
    return any(isinstance(name, ast.Name) and name.id == 'patch' for name in made)


def public_names(path):
    "Names that the exported cells define at their top level."
    for source in exported(path):
        for node in ast.parse(plain(source)).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not is_method(node): yield node.name
            elif isinstance(node, ast.Assign):
                yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def stored_faults(path):
    "What should not be stored in a notebook: errors, warnings, progress bars, places on somebody's machine."
    notebook = json.loads(path.read_text(encoding='utf-8'))
    if 'widgets' in notebook['metadata']: yield 'the state of a widget, such as a progress bar, in its metadata'
    outputs = [output for _, _, found in cells(path) for output in found]
    if any(output['output_type'] == 'error' for output in outputs): yield 'an error among its outputs'
    if '<progress' in json.dumps(outputs): yield 'a progress bar among its outputs'
    if any(output.get('name') == 'stderr' for output in outputs): yield 'a warning among its outputs'
    place = re.search(r'(?<![\w.])/(tmp|root|home|work|Users)/[\w./-]+', json.dumps(outputs))
    if place: yield f'the path {place[0]} in its outputs'


def anchors(path):
    "Names by which the headings of a notebook can be linked."
    for kind, source, _ in cells(path):
        heads = re.findall(r'^#+ (.+)$', source, re.M) if kind == 'markdown' else []
        yield from (re.sub(r'[^\w -]', '', head.lower()).strip().replace(' ', '-') for head in heads)


def broken_links(path):
    "Links in the prose of a notebook to files or headings that are not there."
    prose = [source for kind, source, _ in cells(path) if kind == 'markdown']
    for link in re.findall(r'\]\(([^)\s]+)\)', '\n'.join(prose)):
        if re.match(r'#|\w+:', link): continue
        name, _, heading = link.partition('#')
        place = path.parent/name
        if not place.exists() or heading and place.suffix == '.ipynb' and heading not in set(anchors(place)): yield link


def sets_variables(path):
    "Whether tests of a notebook set environment variables, and leave them to the next notebook in their process."
    code = [source for kind, source, _ in cells(path) if kind == 'code']
    lines = [line for source in code for node in ast.parse(plain(source)).body
             if isinstance(node, (ast.Assign, ast.Expr)) for line in [ast.unparse(node)]]
    return (any(re.match(r'os\.environ(\[.*\] = |\.update\()', line) for line in lines)
            and 'set_back()' not in lines)


def faults():
    "Every broken rule, in words."
    library = {name: path for path in sorted(NBS.rglob('[0-9]*.ipynb')) if (name := module(path))}
    for path in sorted(NBS.rglob('*.ipynb')):
        if bool(re.match(r'\d\d_', path.name)) != bool(module(path)):
            yield f'{path.relative_to(NBS)}: notebooks that export are numbered, and no others'
        if module(path) and sets_variables(path):
            yield f'{path.relative_to(NBS)} sets environment variables for good; see lab/09_environment'
        for fault in stored_faults(path): yield f'{path.relative_to(NBS)} has {fault}'
        for link in broken_links(path): yield f'{path.relative_to(NBS)} has the link {link}, which leads nowhere'
    homes, numbers = defaultdict(list), defaultdict(list)
    for name, path in library.items():
        room = name.split('.')[0]
        numbers[room, path.name[:2]].append(path.name)
        if (path.parent.name, f"{path.name[3:-6]}") != tuple(name.split('.')):
            yield f'{path.relative_to(NBS)} exports {name}: folder and name must agree'
        if room not in ROOMS: yield f'{name}: there is no room {room!r}'
        for needed in imports(path):
            if needed not in library: yield f'{name} imports {needed}, which no notebook exports'
            elif needed.split('.')[0] == room and library[needed].name >= path.name:
                yield f'{name} imports {needed}, whose number is not below its own'
            elif ROOMS.index(needed.split('.')[0]) > ROOMS.index(room): yield f'{name} imports {needed}, from a room below'
            elif any({room, needed.split('.')[0]} == pair for pair in APART): yield f'{name} imports {needed}'
        for public in set(public_names(path)): homes[public].append(name)
    for (room, number), names in numbers.items():
        if len(names) > 1: yield f'{room}: {", ".join(names)} have one number'
    for public, names in sorted(homes.items()):
        if len(names) > 1: yield f'{public} is defined in {", ".join(names)}'


def ideas(source):
    "How many definitions a cell makes that its other definitions do not use."
    body = [n for n in ast.parse(plain(source)).body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
    private = sum(n.name.startswith('_') for n in body)
    return max(len(body) - private, 1)


def parameters(function):
    a = function.args
    return len(a.posonlyargs + a.args + a.kwonlyargs)


def figures(path):
    "How a notebook reads, measured."
    found = list(cells(path))
    prose = sum(len(source) for kind, source, _ in found if kind == 'markdown')
    code = [source for kind, source, _ in found if kind == 'code']
    lines = [line for source in code for line in source.split('\n') if line.strip() and not line.startswith('#|')]
    public = [source for source in exported(path) if re.search(r'^(def|class) ', source, re.M)]
    functions = [n for s in exported(path) for n in ast.walk(ast.parse(plain(s))) if isinstance(n, ast.FunctionDef)]
    per_line = [sum(1 for b in f.body for _ in ast.walk(b))/(f.end_lineno - f.body[0].lineno + 1) for f in functions]
    return dict(cells=len(found), prose=100*prose//max(1, prose + sum(map(len, code))),
                over110=sum(len(line) > 110 for line in lines), over95=sum(len(line) > 95 for line in lines), lines=len(lines),
                many_ideas=sum(ideas(s) > 1 for s in public), export=len(public),
                nodes=round(statistics.median(per_line), 1) if per_line else 0,
                over6=sum(parameters(f) > 6 for f in functions))


def main():
    if sys.argv[1:] == ['figures']:
        rows = {path.relative_to(NBS).as_posix(): figures(path) for path in sorted(NBS.rglob('*.ipynb'))}
        print(f"{'':34}", *(f'{key:>10}' for key in next(iter(rows.values()))))
        for name, row in rows.items(): print(f'{name:34}', *(f'{value:>10}' for value in row.values()))
        return
    broken = list(faults())
    print(*broken or ['The house is in order.'], sep='\n')
    sys.exit(bool(broken))


if __name__ == '__main__': main()
