class TandemError(RuntimeError):
    """One sentence with a code: what was wrong, the value in quotes, what would be right."""

    def __init__(self, code, sentence):
        super().__init__(f"{code}: {sentence}")
        self.code = code
