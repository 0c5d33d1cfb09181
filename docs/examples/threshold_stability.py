"""How does τ_θ set stability?

The threshold of the BCM rule follows the squared rates and limits the growth of a neuron's rate. Do rates grow
further if the threshold is slow relative to learning? Here τ_w is 50, and τ_θ ranges from 0.05 to 25 (in the unit of
τ). Learning lasts for 95 units, 3.8 times the longest τ_θ. Each condition runs in the same ten circuits.

The paired difference below is that between the longest and the shortest τ_θ. Intervals of neighbouring τ_θ overlap at
the short end, and the page does not test the differences between them. Rates cannot exceed the ceiling, but a t
interval can. An interval of zero width means that all ten circuits reach the ceiling. The swing of the mean rate is
larger at τ_θ = 1.12 and 3.15 than at both ends: these intervals do not overlap those at the ends.
"""

import numpy as np
from matplotlib.figure import Figure

import l5tui
from l5tui.analysis.intervals import estimate_mean

TAU_LEARN = 50.0
CEILING = 500.0  # of the transfer function: no rate can be higher

ratios = np.geomspace(0.001, 0.5, 7)
peaks, swings, courses = [], [], {}
for ratio in ratios:
    run = l5tui.run(
        "quickstart",
        {
            "plasticity.rule": "sliding_bcm",
            "plasticity.threshold_kernel": "exponential",
            "plasticity.tau_learn": TAU_LEARN,
            "plasticity.tau_threshold": ratio * TAU_LEARN,
            "dynamics.duration_tau": 1000.0,
            "simulation.realizations": 10,
            "recording.rates": "every",
            "recording.every": 2,
            "recording.figures": "none",
        },
        progress=False,
    )
    learned = run["first_step"] >= run.experiment.plasticity.onset_step
    rates = run.rates.isel(time=learned.values)
    mean = rates.mean("neuron")
    peaks.append(rates.max(["direction", "time", "neuron"]).values.astype(float))
    swings.append((mean.std("time") / mean.mean("time")).mean("direction").values.astype(float))
    courses[ratio] = mean.isel(realization=0).mean("direction").load()


def with_interval(values: np.ndarray, decimals: int) -> str:
    """Mean over circuits and its 95 % t interval."""
    found = estimate_mean(values)
    return f"{found.mean:.{decimals}f} ({found.low:.{decimals}f} to {found.high:.{decimals}f})"


print("Mean over circuits of each circuit's value, with its 95 % Student t interval:\n")
print("| τ_θ/τ_w | τ_θ | highest rate | circuits at the ceiling | swing of the mean rate | n |")
print("|---:|---:|---:|---:|---:|---:|")
for ratio, peak, swing in zip(ratios, peaks, swings, strict=True):
    reached = int((peak >= CEILING).sum())
    print(
        f"| {ratio:.4f} | {ratio * TAU_LEARN:.3g} | {with_interval(peak, 0)} | {reached} |"
        f" {with_interval(swing, 2)} | {len(peak)} |"
    )

print(
    f"\nThe highest rate is the maximum over neurons, directions and time during learning; the ceiling is {CEILING:g}."
    " The swing is the standard deviation over time of the mean rate, divided by its mean."
)
difference = estimate_mean(peaks[-1] - peaks[0])
print(
    f"Paired by circuit, the highest rate at the longest τ_θ minus that at the shortest is {difference.mean:+.0f}"
    f" ({difference.low:+.0f} to {difference.high:+.0f})."
)

figure = Figure(figsize=(7.5, 3.2), layout="constrained")
left, right = figure.subplots(1, 2)
left.semilogx(ratios, peaks, "o", color="0.7", markersize=3)
left.semilogx(ratios, [peak.mean() for peak in peaks], "o-", color="black")
left.axhline(CEILING, color="0.6", linestyle=":")
left.set(xlabel="τ_θ / τ_w", ylabel="highest rate (a.u.)", title="Ten circuits, and their mean")
for ratio, colour in ((ratios[0], "0.65"), (ratios[3], "tab:blue"), (ratios[-1], "tab:red")):
    right.plot(courses[ratio]["time"], courses[ratio], color=colour, linewidth=0.6, label=f"{ratio:.2g}")
right.set(
    xlabel="time (in the unit of τ)",
    ylabel="mean rate (a.u.)",
    yscale="log",
    title="One circuit, by τ_θ / τ_w",
)
right.legend(frameon=False)
figure.savefig("threshold_stability.png", dpi=100)
