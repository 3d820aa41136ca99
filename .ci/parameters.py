"""Every notebook with a cell tagged `parameters` has a class of settings, the cell is that of the class, and a misspelt name stops the notebook."""
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import yaml
from xlingnb.bench.card_study import read_studies
from xlingnb.ner.prompted import PromptedSettings
from xlingnb.study.settings import SETTINGS, notebook_cells, parameters_cell, read_settings, settings_class, tagged_cell

NBS = Path(__file__).parents[1]/'nbs'


def tagged():
    "Names below nbs of the notebooks that have the tag, such as 'bench/cluster'."
    for path in sorted(NBS.rglob('*.ipynb')):
        if any('parameters' in cell['metadata'].get('tags', []) for cell in notebook_cells(path)):
            yield path.relative_to(NBS).with_suffix('').as_posix()


def refuses(name):
    "Whether a misspelt parameter stops the notebook, in words that name it."
    with tempfile.TemporaryDirectory() as folder:
        command = ['papermill', str(NBS/f'{name}.ipynb'), f'{folder}/out.ipynb', '--no-progress-bar', '-p', 'sede', '1']
        ended = subprocess.run(command, capture_output=True, text=True)
    return ended.returncode != 0 and "Unknown parameters ['sede']" in ended.stderr


def fits(values):
    "Whether some notebook, or `xlingnb ask`, takes these parameters, the encoder aside: its package need not be installed here."
    values = {name: value for name, value in values.items() if name != 'encoder'}
    for kind in (*map(settings_class, SETTINGS), PromptedSettings):
        try: return bool(read_settings(kind, values))
        except ValueError: continue
    return False


def faults():
    for path in sorted((NBS/'params').glob('*.yaml')):
        content = yaml.safe_load(path.read_text(encoding='utf-8'))
        if 'studies' in content: # a list for a session on a card
            read_studies(path)
            continue
        of_systems = path.stem.endswith('-systems')
        parts = [own | dict(system=system) for system, own in content.items()] if of_systems else [content]
        if not all(map(fits, parts)): yield f'{path.name}: no notebook or command takes these parameters'
    found = set(tagged())
    both = sorted(found & SETTINGS.keys())
    with ThreadPoolExecutor(2) as pool: refused = dict(zip(both, pool.map(refuses, both)))
    for name in sorted(found ^ SETTINGS.keys()): yield f'{name}: tagged, but not in SETTINGS, or the other way round'
    for name in both:
        if tagged_cell(NBS/f'{name}.ipynb') != parameters_cell(settings_class(name)):
            yield f'{name}: its parameters cell is not that of its class'
        if not refused[name]: yield f'{name}: a misspelt parameter does not stop it'


broken = list(faults())
print(*broken or ['All parameters cells are those of their classes, and refuse a misspelt name.'], sep='\n')
sys.exit(bool(broken))
