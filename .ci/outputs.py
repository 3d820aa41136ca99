"""Executes notebooks, and shows where the text that they store is not what they say now.

    python .ci/outputs.py                     # all of them, for half an hour on two cores
    python .ci/outputs.py nbs/study/*.ipynb   # some

Exit code 1 if anything differs. Seconds, megabytes and last digits may, from machine to machine; a sentence may not.
"""
import difflib
import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ADDRESSES = re.compile(r'0x[0-9a-f]+|/tmp/\w+') # they are others each time


def text_of(output):
    "What an output says; pictures say nothing."
    if output['output_type'] == 'error': return f"{output['ename']}: {output['evalue']}"
    return ''.join(output.get('text') or output.get('data', {}).get('text/plain', ''))


def said(cell):
    "The lines of a cell's outputs."
    text = '\n'.join(map(text_of, cell.get('outputs', [])))
    return ADDRESSES.sub('…', text).strip().splitlines()


def executed(path):
    "The notebook, executed now; its errors stand among its outputs."
    with tempfile.TemporaryDirectory() as folder:
        command = ['jupyter', 'nbconvert', '--to', 'notebook', '--execute', '--allow-errors', '--output-dir', folder]
        subprocess.run([*command, '--output', 'now.ipynb', str(path)], check=True, capture_output=True)
        return json.loads(Path(folder, 'now.ipynb').read_text(encoding='utf-8'))


def differences(path):
    "For each cell whose outputs differ, its id and the lines."
    stored, now = json.loads(path.read_text(encoding='utf-8')), executed(path)
    for old, new in zip(stored['cells'], now['cells'], strict=True):
        if not said(old) or said(old) == said(new): continue # what stores nothing promises nothing
        yield old['id'], list(difflib.unified_diff(said(old), said(new), lineterm='', n=0))[2:]


def main(paths):
    found = 0
    with ThreadPoolExecutor(2) as pool:
        for path, cells in zip(paths, pool.map(lambda path: list(differences(path)), paths)):
            for cell, lines in cells: print(f'{path}, cell {cell}:', *lines, sep='\n  ', flush=True)
            found += bool(cells)
    print(f'{len(paths)} notebooks, {found} differ')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main([Path(name) for name in sys.argv[1:]] or sorted(Path('nbs').rglob('*.ipynb'))))
