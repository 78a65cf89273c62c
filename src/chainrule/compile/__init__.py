"""Programs made fast: passes from program to program, the source that runs, and `jit`, which keeps and replays it."""
