"""Runs programs as whole processes, in turn, and measures them; shared by the scripts here."""
import json, os, statistics, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOLS = os.path.join(ROOT, "target", "tools")


class Taken:
    """What the runs of one program took: wall seconds of each, the highest peak in bytes, and seconds
    of all processors together."""

    def __init__(self):
        self.seconds, self.peak, self.worked = [], 0, []

    def add(self, seconds, peak, worked):
        self.seconds.append(seconds)
        self.peak = max(self.peak, peak)
        self.worked.append(worked)

    @property
    def median(self):
        return statistics.median(self.seconds)

    @property
    def work(self):
        return statistics.median(self.worked)

    @property
    def spread(self):
        """The slowest run's distance from the fastest, as a share of the median."""
        return (max(self.seconds) - min(self.seconds)) / self.median


def build(profile="release"):
    """The binary, as a profile of Cargo.toml optimises it."""
    target = os.path.join(ROOT, "target")
    command = ["cargo", "build", "--profile", profile, "--locked", "--quiet", "--target-dir", target]
    subprocess.run(command, cwd=ROOT, check=True)
    return os.path.join(target, profile, "restore-images")


def program(name):
    """A program of the tests' tools or of PATH, or None."""
    for folder in [TOOLS, *os.environ["PATH"].split(os.pathsep)]:
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return path
    return None


def run(command, stdin=os.devnull, stdout=os.devnull, expect=(0,)):
    """Wall seconds, peak resident bytes and processor seconds of one run, from its start to its exit."""
    with open(stdin, "rb") as source, open(stdout, "wb") as sink:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdin=source, stdout=sink, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in expect:
        sys.exit(f"{' '.join(command[:3])} ended with {child.returncode} on {stdin}")
    return seconds, usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime


def in_turn(runs, programs, patience=60):
    """`runs` rounds in which every program runs once, so that all meet the same noise.

    A program that took `patience` seconds in all sits the other rounds out. `programs` has the
    keyword arguments of `run` by name.
    """
    taken = {name: Taken() for name in programs}
    for _ in range(runs):
        for name, arguments in programs.items():
            if sum(taken[name].seconds) < patience:
                taken[name].add(*run(**arguments))
    return taken


def floor():
    """What a process that does nothing is charged for: at fork it counts the memory of this one, which
    grows, so that it is asked after the runs that it is held against."""
    return max(run(["/bin/true"])[1] for _ in range(5))


def apart(work, *arguments):
    """What `work` gives, done in a process of its own: memory that this one takes would be counted
    for every program that it starts."""
    with tempfile.TemporaryFile("w+") as answer:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                json.dump(work(*arguments), answer)
                answer.flush()
                status = 0
            except SystemExit as stop:
                print(stop, file=sys.stderr)
            except BaseException:
                sys.excepthook(*sys.exc_info())
            finally:
                os._exit(status)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
            sys.exit(1)
        answer.seek(0)
        return json.load(answer)


def machine():
    """The class of this machine in words."""
    with open("/proc/cpuinfo") as lines:
        models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores of {models[0] if models else os.uname().machine}, {memory:.0f} GiB"


def options(usage):
    """The words of the command line: whether to record, and how many rounds."""
    words = sys.argv[1:]
    record = "--record" in words
    rest = [word for word in words if word != "--record"]
    if len(rest) > 1 or not all(word.isdigit() for word in rest):
        sys.exit(usage.strip())
    return record, int(rest[0]) if rest else None
