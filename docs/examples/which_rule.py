"""Which learning rule raises selectivity?

Every rule learns in the same circuits and sees the same gratings. What happens without learning at all happens under
the control too; what a rule itself does is its change less the control's, circuit by circuit.
"""

import l5tui
from l5tui.config import POPULATIONS

compared = l5tui.compare_rules("default", progress=False)
effects = compared.effects.drop("none", level="rule")
rules = list(effects.index.unique("rule"))
cells = effects.to_dict("index")

for measure, name in (("OS", "orientation selectivity"), ("DS", "direction selectivity")):
    print(f"Change of {name} ({measure}) against the control, with its 95 % interval:\n")
    print("| | " + " | ".join(rules) + " |")
    print("|---|" + "---:|" * len(rules))
    for population in POPULATIONS:
        each_rule = [cells[measure, population, rule] for rule in rules]
        told = [f"{each['effect']:+.3f} ({each['low']:+.3f} to {each['high']:+.3f})" for each in each_rule]
        print(f"| {population} | " + " | ".join(told) + " |")
    print()

for rule in rules:
    of_rule = effects.xs(rule, level="rule").loc[["OS", "DS"]]
    raised = [f"{measure} of {population}" for measure, population in of_rule.index[of_rule["low"] > 0]]
    lowered = [f"{measure} of {population}" for measure, population in of_rule.index[of_rule["high"] < 0]]
    print(f"- `{rule}` raises {', '.join(raised) or 'nothing'}; it lowers {', '.join(lowered) or 'nothing'}.")

circuits = int(effects["realizations"].min())
print(
    f"\nAn interval that holds 0 counts as neither. Over only {circuits} circuits, each is somewhat too narrow."
)

compared.figure().savefig("which_rule.png", dpi=80)
