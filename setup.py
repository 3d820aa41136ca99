"Installs xlingnb; every setting is read from settings.ini."
from configparser import ConfigParser
from pathlib import Path
from setuptools import find_packages, setup

here = Path(__file__).parent
parser = ConfigParser(delimiters=['='])
parser.read(here/'settings.ini', encoding='utf-8')
settings = parser['DEFAULT']
extras = {name: settings[f'{name}_requirements'].split() for name in ('benchmark', 'distance', 'ray', 'slurm', 'translation')}

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
    include_package_data=True,
    package_data={'xlingnb': ['embedded/*', 'embedded/*/*', 'checksums.txt']},
    python_requires='>=' + settings['min_python'],
    install_requires=settings['requirements'].split(),
    extras_require=extras | {'dev': settings['dev_requirements'].split() + [p for name in ('ray', 'slurm', 'translation') for p in extras[name]]},
    entry_points={'nbdev': [f"{settings['lib_name']}={settings['lib_name']}._modidx:d"],
                  'console_scripts': ['xlingnb=xlingnb.command.main:app',
                                      'xlingnb_sweep=xlingnb.study.sweep:main']},
)
