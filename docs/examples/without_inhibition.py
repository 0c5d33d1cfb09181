"""Does selectivity survive without inhibition?

The default circuit, and the same experiment with PV and SST neurons left out: excitation alone. Does it still prefer
directions, and does learning add to that?
"""

from matplotlib.figure import Figure

import l5tui
from l5tui.figures.style import COLOURS

runs = {
    "with inhibition": l5tui.run("default", progress=False),
    "without": l5tui.run("no_inhibition", progress=False),
}
measures = {"OS": "orientation selectivity", "DS": "direction selectivity"}

print("Mean over circuits, before learning and after:\n")
print("| | population | rate | OS before | OS after | DS before | DS after | spectral abscissa of W |")
print("|---|---|---:|---:|---:|---:|---:|---:|")
for name, run in runs.items():
    mean = run.selectivity.sel(statistic="mean")
    for population in ("CS", "CC"):
        own = mean.sel(population=population)
        rate = own.sel(condition="after", measure="rate").item()
        cells = [own.sel(condition=when, measure=m).item() for m in measures for when in ("before", "after")]
        print(
            f"| {name} | {population} | {rate:.2f} | "
            + " | ".join(f"{cell:.3f}" for cell in cells)
            + f" | {run.summary['spectral_abscissa']:.3f} |"
        )
print()

for measure, name in measures.items():
    for population in ("CS", "CC"):
        with_it, without = (
            run.selectivity.sel(
                condition="after", measure=measure, statistic="mean", population=population
            ).item()
            for run in runs.values()
        )
        word = "more" if without > with_it else "less"
        print(
            f"- Without inhibition, {population} has {abs(without / with_it - 1):.0%} {word} {name} after learning"
            f" ({without:.3f} instead of {with_it:.3f})."
        )

after = runs["without"]["selectivity_by_realization"].sel(condition="after", measure="OS", population="CS")
print(
    f"- Circuits differ: without inhibition, OS of CS ends between {after.min():.3f} and {after.max():.3f}."
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
                markersize=4,
            )
    axes.set(title=f"{measure}, {name}", xticks=range(len(runs)), xticklabels=list(runs))
    axes.set(ylim=(0, 1), xlim=(-0.5, 1.5), xlabel="circuits, before to after learning")
handles = {line.get_label(): line for line in axes.lines}
axes.legend(handles.values(), handles.keys(), frameon=False)
figure.savefig("without_inhibition.png", dpi=100)
