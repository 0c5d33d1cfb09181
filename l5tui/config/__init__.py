"""The experiment as a checked, frozen tree, and its TOML file."""

from l5tui.config.experiment import Experiment
from l5tui.config.populations import EXCITATORY, POPULATIONS, SIGNS, Population
from l5tui.config.schema import Parameter, parameters

__all__ = ["EXCITATORY", "POPULATIONS", "SIGNS", "Experiment", "Parameter", "Population", "parameters"]
