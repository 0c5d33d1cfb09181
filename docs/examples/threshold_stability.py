"""How does τ_θ set stability?

The threshold of the BCM rule has to run after the rates: it is what stops a neuron that has begun to fire more. The
slower it slides, compared with how fast the weights learn, the further rates have risen before it catches up. Here τ_w
stays, and τ_θ goes from much shorter to half as long.
"""

import numpy as np
from matplotlib.figure import Figure

import l5tui

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
            "recording.rates": "every",
            "recording.every": 2,
            "recording.figures": "none",
        },
        progress=False,
    )
    learned = run["first_step"] >= run.experiment.plasticity.onset_step
    rates = run.rates.isel(time=learned.values)
    mean = rates.mean("neuron")
    peaks.append(float(rates.max()))
    swings.append(float((mean.std("time") / mean.mean("time")).mean()))
    courses[ratio] = mean.isel(realization=0).mean("direction")

print("| τ_θ/τ_w | τ_θ | highest rate | swing of the mean rate |")
print("|---:|---:|---:|---:|")
for ratio, peak, swing in zip(ratios, peaks, swings, strict=True):
    reached = " (the ceiling)" if peak >= CEILING else ""
    print(f"| {ratio:.4f} | {ratio * TAU_LEARN:.3g} | {peak:.0f}{reached} | {swing:.2f} |")

touched = [ratio for ratio, peak in zip(ratios, peaks, strict=True) if peak >= CEILING]
print(
    f"\nThe swing is the mean rate's standard deviation over time, divided by its mean; τ_w is {TAU_LEARN:g}."
)
print(f"The highest rate goes from {peaks[0]:.0f} at the shortest τ_θ to {peaks[-1]:.0f} at the longest.")
if touched:
    print(
        f"From τ_θ/τ_w = {min(touched):.3g} on some neuron runs into the ceiling: only that still bounds it."
    )

figure = Figure(figsize=(7.5, 3.2), layout="constrained")
left, right = figure.subplots(1, 2)
left.semilogx(ratios, peaks, "o-", color="black")
left.axhline(CEILING, color="0.6", linestyle=":")
left.set(xlabel="τ_θ / τ_w", ylabel="highest rate (a.u.)", title="Slower thresholds stop rates later")
for ratio, colour in ((ratios[0], "0.65"), (ratios[3], "tab:blue"), (ratios[-1], "tab:red")):
    right.plot(courses[ratio]["time"], courses[ratio], color=colour, linewidth=0.8, label=f"{ratio:.2g}")
right.set(
    xlabel="time (in the unit of τ)",
    ylabel="mean rate (a.u.)",
    yscale="log",
    title="One circuit, by τ_θ / τ_w",
)
right.legend(frameon=False)
figure.savefig("threshold_stability.png", dpi=100)
