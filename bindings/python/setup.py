"""Notes where Tandem lies: its worlds are its own files, which Deno runs there."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HOME = Path(__file__).resolve().parents[2]


class Build(build_py):
    def run(self):
        super().run()
        if not self.editable_mode:
            Path(self.build_lib, "tandem", "home.txt").write_text(f"{HOME}\n")


setup(cmdclass={"build_py": Build})
