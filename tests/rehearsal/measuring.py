"""What processes take, from /proc."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as made_field
from pathlib import Path


@dataclass(slots=True)
class Taken:
    """MB over time: the most, and every sample."""

    most: float = 0.0
    samples: list[float] = made_field(default_factory=list)

    def add(self, megabytes: float) -> None:
        self.most = max(self.most, megabytes)
        self.samples.append(megabytes)

    def over_time(self) -> str:
        """MB after each quarter of the time."""
        return " ".join(f"{self.samples[n * (len(self.samples) - 1) // 4]:.0f}" for n in range(1, 5) if self.samples)


def below(pid: int) -> list[int]:
    """Every process that a process has started, and those that they have started."""
    try:
        own = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return own + [one for child in own for one in below(child)]


def field(pid: int, file: str, name: str) -> float:
    """MB that a line of /proc/PID/FILE says; 0 when the process has ended."""
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(name)), 0.0)
