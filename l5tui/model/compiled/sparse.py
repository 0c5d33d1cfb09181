"""Products of sparse weights with the rates of four directions at once.

Rates lie as (neuron, direction), so that one synapse multiplies four neighbouring numbers: a single vector load
and multiplication, which compilers do not find by themselves behind an index.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from l5tui.model.arrays import BoolArray, FloatArray
from l5tui.model.compiled.kernel import LANES, kernel

FLAGS = ("contract", "reassoc", "nsz")


class Synapses(NamedTuple):
    """Weights in compressed rows.

    Parameters
    ----------
    weights : ndarray, shape (synapse,)
    pre : ndarray of uint32, shape (synapse,)
        Presynaptic neuron of each.
    starts : ndarray of int64, shape (N + 1,)
        Where each postsynaptic neuron's synapses begin.
    """

    weights: FloatArray
    pre: np.ndarray[Any, np.dtype[np.uint32]]
    starts: np.ndarray[Any, np.dtype[np.int64]]


def compress(weights: FloatArray, synapses: BoolArray) -> Synapses:
    """Return the synapses of a weight matrix, those of weight zero included.

    Parameters
    ----------
    weights : ndarray, shape (N, N)
        ``[post, pre]``.
    synapses : ndarray of bool, shape (N, N)

    Returns
    -------
    Synapses
    """
    post, pre = np.nonzero(synapses)
    starts = np.zeros(len(weights) + 1, dtype=np.int64)
    np.cumsum(np.bincount(post, minlength=len(weights)), out=starts[1:])
    # An index of 32 bits takes half the memory traffic of one of 64 bits.
    return Synapses(weights[post, pre], pre.astype(np.uint32), starts)


@intrinsic
def _add_row(  # type: ignore[no-untyped-def]
    typing_context, weights, pre, start, stop, rates, out, row
):
    """out[row, :] = Σ weights[k] · rates[pre[k], :] for k from start to stop, four lanes at once."""
    signature = types.void(weights, pre, start, stop, rates, out, row)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        def data(position: int) -> Any:
            kind = signature.args[position]
            return context.make_array(kind)(context, builder, arguments[position]).data

        index, double = ir.IntType(64), ir.DoubleType()
        vector = ir.VectorType(double, LANES)
        lanes = ir.Constant(index, LANES)
        undefined = ir.Constant(vector, ir.Undefined)
        first = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        total = cgutils.alloca_once_value(  # type: ignore[no-untyped-call]
            builder, ir.Constant(vector, [0.0] * LANES)
        )
        all_weights, all_pre, all_rates = data(0), data(1), data(4)
        start, stop, row = arguments[2], arguments[3], arguments[6]
        with cgutils.for_range_slice(builder, start, stop, ir.Constant(index, 1)) as (synapse, _):
            weight = builder.load(builder.gep(all_weights, [synapse]))
            neuron = builder.zext(builder.load(builder.gep(all_pre, [synapse])), index)
            address = builder.gep(all_rates, [builder.mul(neuron, lanes)])
            four = builder.load(builder.bitcast(address, vector.as_pointer()))
            four.align = double.get_abi_size(context.target_data)
            spread = builder.insert_element(undefined, weight, ir.Constant(ir.IntType(32), 0))
            spread = builder.shuffle_vector(spread, undefined, first)
            product = builder.fmul(four, spread, flags=FLAGS)
            builder.store(builder.fadd(builder.load(total), product, flags=FLAGS), total)
        address = builder.gep(data(5), [builder.mul(row, lanes)])
        stored = builder.store(builder.load(total), builder.bitcast(address, vector.as_pointer()))
        stored.align = double.get_abi_size(context.target_data)
        return context.get_dummy_value()

    return signature, generate


@kernel
def sparse_product(synapses: Synapses, rates: FloatArray, out: FloatArray) -> None:
    """Write W r.

    Parameters
    ----------
    synapses : Synapses
    rates, out : ndarray, shape (N, 4)
    """
    for row in range(len(synapses.starts) - 1):
        _add_row(  # type: ignore[call-arg]
            synapses.weights, synapses.pre, synapses.starts[row], synapses.starts[row + 1], rates, out, row
        )
