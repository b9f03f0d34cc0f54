"""The Deno process that has the worlds, and frames to and from it."""

import json
import os
import select
import shutil
import struct
import subprocess
from pathlib import Path

from .errors import TandemError

HEAD = struct.Struct("<II")
ROWS, HELLO, FAILED = 1, 2, 3
RESET, STEP = 1, 2
# Where Deno keeps what it has fetched, and nothing else of the environment.
VARIABLES = ("HOME", "PATH", "DENO_DIR", "XDG_CACHE_HOME", "SystemRoot", "LOCALAPPDATA")
LONGEST_SENTENCE = 4000


def home():
    """Tandem's own folder: told, noted at the installation, or that around this file."""
    told = os.environ.get("TANDEM_HOME")
    noted = Path(__file__).with_name("home.txt")
    path = Path(told or (noted.read_text().strip() if noted.exists() else _around()))
    if not (path / "bindings" / "serve.ts").exists():
        raise TandemError(
            "E_FILE", f'Tandem is not at "{path}": set TANDEM_HOME to the folder of its repository.'
        )
    return path


def _around():
    return Path(__file__).resolve().parents[3]


class Worlds:
    """N worlds in a process that has no permission whatever. It ends with this one."""

    def __init__(self, setting, timeout):
        deno = os.environ.get("TANDEM_DENO") or shutil.which("deno")
        if deno is None:
            raise TandemError(
                "E_PACKAGE",
                'There is no "deno", which runs the worlds: install Deno from 2.9 on, or set '
                "TANDEM_DENO to its path.",
            )
        root = home()
        command = [deno, "run", "--quiet", "--no-prompt", "--no-check", "--frozen"]
        command += [f"--config={root / 'deno.json'}", f"--lock={root / 'deno.lock'}"]
        command += [str(root / "bindings" / "serve.ts"), json.dumps(setting)]
        self.timeout = timeout
        self.process = subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in VARIABLES if name in os.environ},
            start_new_session=os.name == "posix",  # Ctrl-C is for Python, which ends this
        )
        try:
            self.hello = json.loads(bytes(self._answer(HELLO, 1 << 16)))
        except BaseException:
            self.close()
            raise

    def ask(self, what, body, longest):
        """The answer to a frame, at most so many bytes, to be written to."""
        try:
            self.process.stdin.write(HEAD.pack(4 + len(body), what) + body)
        except OSError as error:
            raise self._ended() from error
        return self._answer(ROWS, longest)

    def close(self):
        """Ends the process."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def _answer(self, wanted, longest):
        size, kind = HEAD.unpack(self._read(HEAD.size))
        if size - 4 > max(longest, LONGEST_SENTENCE):
            raise TandemError("E_SHAPE", f'An answer has "{size}" bytes; right would be {longest}.')
        body = self._read(size - 4)
        if kind == FAILED:
            code, _, sentence = body.decode().partition(": ")
            raise TandemError(code, sentence)
        if kind != wanted:
            raise TandemError("E_SHAPE", f'An answer is of kind "{kind}"; right would be {wanted}.')
        return body

    def _read(self, size):
        data = bytearray(size)
        rest = memoryview(data)
        pipe = self.process.stdout
        while rest:
            if not select.select([pipe], [], [], self.timeout)[0]:
                raise TandemError("E_STAGE", f"The worlds did not answer in {self.timeout} seconds.")
            count = pipe.readinto(rest)
            if not count:
                raise self._ended()
            rest = rest[count:]
        return data

    def _ended(self):
        return TandemError("E_STAGE", "The process of the worlds has ended.")
