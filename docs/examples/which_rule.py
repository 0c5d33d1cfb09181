"""Which learning rule raises selectivity?

Every rule runs in the same 40 circuits with the same gratings. Changes that occur without learning also occur in the
control. The effect of a rule is therefore its change minus the change of the control in the same circuit. The page
gives the mean effect with its 95 % Student t interval over circuits, and Cohen's d_z, the effect in standard
deviations of its differences. The page states that a rule raises or lowers a measure only if the paired t test,
adjusted by Holm's method for all tests of the comparison, has p < 0.05.
"""

import l5tui
from l5tui.config import POPULATIONS

CHANGES = {"simulation.realizations": 40, "recording.rates": "none", "recording.figures": "none"}

compared = l5tui.compare_rules("default", overrides=CHANGES, progress=False)
effects = compared.effects.drop("none", level="rule")
rules = list(effects.index.unique("rule"))
cells = effects.to_dict("index")

circuits = sorted(effects["realizations"].unique())
print(
    f"n = {' to '.join(str(n) for n in circuits)} circuits. A star marks p < 0.05 after Holm's adjustment.\n"
)
for measure, name in (("OS", "orientation selectivity"), ("DS", "direction selectivity")):
    print(f"Effect on {name} ({measure}), its 95 % interval, and d_z:\n")
    print("| | " + " | ".join(rules) + " |")
    print("|---|" + "---:|" * len(rules))
    for population in POPULATIONS:
        texts = []
        for rule in rules:
            cell = cells[measure, population, rule]
            star = "*" if cell["p_holm"] < 0.05 else ""
            interval = f"({cell['low']:+.3f} to {cell['high']:+.3f})"
            texts.append(f"{cell['effect']:+.3f}{star} {interval}, {cell['effect_size']:+.1f}")
        print(f"| {population} | " + " | ".join(texts).replace("*", r"\*") + " |")
    print()

for rule in rules:
    of_rule = effects.xs(rule, level="rule").loc[["OS", "DS"]]
    found = of_rule[of_rule["p_holm"] < 0.05]
    raised = [f"{measure} of {population}" for measure, population in found.index[found["effect"] > 0]]
    lowered = [f"{measure} of {population}" for measure, population in found.index[found["effect"] < 0]]
    print(f"- `{rule}` raises {', '.join(raised) or 'nothing'}; it lowers {', '.join(lowered) or 'nothing'}.")

tests = int(compared.effects["p"].notna().sum())
print(
    f"\nHolm's adjustment is for {tests} tests: {len(rules)} rules, three measures (OS_p is in the figure) and four"
    " populations. The lack of a star does not show that an effect is zero; its interval gives the range of"
    " compatible values."
)

compared.figure().savefig("which_rule.png", dpi=80)
