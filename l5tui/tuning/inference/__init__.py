"""The posterior of a model's parameters, given what experiments have found."""
