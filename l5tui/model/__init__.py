"""The model: circuits, the stimulus, learning rules and the simulation. Pure: numbers in, numbers out.

Nothing is imported here: what is told of an experiment without a number, as in a forecast, does not wait for NumPy.
"""
