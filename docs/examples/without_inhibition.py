"""Does selectivity survive without inhibition?

The page compares the default experiment with the same experiment without PV and SST neurons, in 40 circuits each.
**The comparison is confounded.** The W of every circuit is divided by its own spectral abscissa, so that the abscissa
is 1 before learning in both conditions. Without inhibition the abscissa differs, and therefore the remaining
excitatory weights differ as well; the page prints their ratio. A difference below is the effect of both changes
together, not that of inhibition alone.
"""

import numpy as np
from matplotlib.figure import Figure

import l5tui
from l5tui.analysis.intervals import estimate_mean, holm, t_test
from l5tui.figures.style import COLOURS
from l5tui.notebook.run import Run

CHANGES = {"simulation.realizations": 40, "recording.rates": "none", "recording.figures": "none"}
runs = {
    "with inhibition": l5tui.run("default", CHANGES, progress=False),
    "without": l5tui.run("no_inhibition", CHANGES, progress=False),
}
measures = {"OS": "orientation selectivity", "DS": "direction selectivity"}


def by_circuit(run: Run, measure: str, population: str, condition: str) -> np.ndarray:
    """One value a circuit."""
    table = run["selectivity_by_realization"]
    return np.asarray(table.sel(measure=measure, population=population, condition=condition))


def with_interval(values: np.ndarray) -> str:
    """Mean over circuits, its 95 % t interval and the number of circuits."""
    found = estimate_mean(values)
    return f"{found.mean:.3f} ({found.low:.3f} to {found.high:.3f}), {found.n}"


# A target is J · P over the abscissa that W was divided by: the quotient of two targets is that of two divisors.
scales = [run["target_weights"].sel(post="CS", pre="CC").values for run in runs.values()]
factor = scales[1] / scales[0]
print(
    f"Without inhibition, excitatory weights are multiplied by {factor.min():.2f} to {factor.max():.2f}"
    f" (mean {factor.mean():.2f}, n = {len(factor)} circuits): W has the spectral abscissa 1 in both conditions.\n"
)

print("Mean over circuits with its 95 % Student t interval, and the number of circuits with a value:\n")
print("| | | before learning, with inhibition | without | after learning, with inhibition | without |")
print("|---|---|---|---|---|---|")
for measure in ("rate", *measures):
    for population in ("CS", "CC"):
        cells = [
            with_interval(by_circuit(run, measure, population, condition))
            for condition in ("before", "after")
            for run in runs.values()
        ]
        print(f"| {measure} | {population} | " + " | ".join(cells) + " |")
print()

changes = {
    (name, measure, population): by_circuit(run, measure, population, "after")
    - by_circuit(run, measure, population, "before")
    for name, run in runs.items()
    for measure in measures
    for population in ("CS", "CC")
}
adjusted = holm([t_test(values) for values in changes.values()])
print(
    f"Change by learning, paired by circuit; p of the paired t test, by Holm's method for {len(changes)} tests:\n"
)
for (name, measure, population), p in zip(changes, adjusted, strict=True):
    change = estimate_mean(changes[name, measure, population])
    verb = "has no clear effect on" if not p < 0.05 else "raises" if change.mean > 0 else "lowers"
    print(
        f"- {name}: learning {verb} {measure} of {population}, {change.mean:+.3f} ({change.low:+.3f} to"
        f" {change.high:+.3f}), {'p < 0.001' if p < 0.001 else f'p = {p:.3f}'}, n = {change.n}."
    )

figure = Figure(figsize=(7, 3.2), layout="constrained")
for axes, (measure, name) in zip(figure.subplots(1, 2, sharey=True), measures.items(), strict=True):
    for place, run in enumerate(runs.values()):
        each = run["selectivity_by_realization"].sel(measure=measure)
        for shift, population, colour in ((-0.15, "CS", COLOURS["CS"]), (0.15, "CC", COLOURS["CC"])):
            ends = each.sel(population=population, condition=["before", "after"])
            axes.plot(
                [place + shift - 0.08, place + shift + 0.08],
                ends.transpose("condition", "realization"),
                "o-",
                color=colour,
                label=population,
                markersize=2,
                linewidth=0.6,
            )
    axes.set(title=f"{measure}, {name}", xticks=range(len(runs)), xticklabels=list(runs))
    axes.set(ylim=(0, 1), xlim=(-0.5, 1.5), xlabel="circuits, before to after learning")
handles = {line.get_label(): line for line in axes.lines}
axes.legend(handles.values(), handles.keys(), frameon=False)
figure.savefig("without_inhibition.png", dpi=100)
