"Installs xlingnb; every setting is read from settings.ini."
from configparser import ConfigParser
from pathlib import Path
from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

here = Path(__file__).parent
parser = ConfigParser(delimiters=['='])
parser.read(here/'settings.ini', encoding='utf-8')
settings = parser['DEFAULT']
extras = {key.removesuffix('_requirements'): value.split() for key,value in settings.items() if key.endswith('_requirements')}
extras['dev'] += [package for name in ('lora', 'ray', 'slurm', 'translation') for package in extras[name]]


class BuildWithNotebooks(build_py):
    "A package holds the notebooks that one runs; in a checkout they stay where they are."
    def run(self):
        super().run()
        if self.editable_mode: return
        for pattern in ('*.ipynb', 'params/*.yaml', 'published/audit*.ipynb'):
            for path in sorted((here/'nbs').glob(pattern)):
                if path.name == 'index.ipynb': continue
                place = Path(self.build_lib)/settings['lib_name']/'notebooks'/path.relative_to(here/'nbs')
                place.parent.mkdir(parents=True, exist_ok=True)
                self.copy_file(str(path), str(place))


setup(
    name=settings['lib_name'],
    version=settings['version'],
    description=settings['description'],
    long_description=(here/'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    author=settings['author'],
    author_email=settings['author_email'],
    url=settings['git_url'],
    license='Apache-2.0',
    keywords=settings['keywords'],
    classifiers=['Intended Audience :: Science/Research', 'Programming Language :: Python :: 3',
                 'Topic :: Scientific/Engineering :: Artificial Intelligence'],
    packages=find_packages(include=['xlingnb', 'xlingnb.*']),
    include_package_data=False,
    package_data={'xlingnb': ['embedded/*', 'embedded/*/*', 'checksums.txt', 'py.typed']},
    python_requires='>=' + settings['min_python'],
    install_requires=settings['requirements'].split(),
    extras_require=extras,
    cmdclass=dict(build_py=BuildWithNotebooks),
    entry_points={'nbdev': [f"{settings['lib_name']}={settings['lib_name']}._modidx:d"],
                  'console_scripts': ['xlingnb=xlingnb.command.main:app',
                                      'xlingnb_sweep=xlingnb.study.sweep:main']},
)
