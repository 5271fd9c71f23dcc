"""The text with which a function of a generated module is run on several threads."""

from __future__ import annotations

#: What the text needs at the head of its module.
EVERYWHERE_IMPORTS = (
    "import os",
    "from threading import Lock",
    "from llvmlite import ir",
    "from numba.core import cgutils",
    "from numba import types",
    "from numba.extending import intrinsic",
)

# A parallel loop of numba's around a function compiles that function a second time, which takes seconds where it is
# large. So the function calls itself, on the threads that numba's loops run on, which it reaches as those loops do.
EVERYWHERE = '''\
@intrinsic
def everywhere(typing, part, parts):
    """Call the function that this stands in for part = 0, 1, ... parts - 1, on numba's threads unless part is IN_TURN.

    Its last two arguments are part and parts; the others are handed on. Where a call fails, so does this.
    """

    def code(context, b, signature, arguments):
        word, pointer = ir.IntType(64), ir.IntType(8).as_pointer()
        function = b.function
        result, failure, *given = function.args
        shared = ir.LiteralStructType([ir.IntType(32), failure.type.pointee, *[x.type for x in given]])
        frame = cgutils.alloca_once(b, shared)
        b.store(ir.IntType(32)(0), cgutils.gep_inbounds(b, frame, 0, 0))
        for place, x in enumerate(given, 2):
            b.store(x, cgutils.gep_inbounds(b, frame, 0, place))

        kind = ir.FunctionType(ir.VoidType(), [pointer.as_pointer(), word.as_pointer(), word.as_pointer(), pointer])
        work = ir.Function(b.module, kind, f"{function.name}.part")
        work.linkage = "internal"
        w = ir.IRBuilder(work.append_basic_block())
        first = w.ptrtoint(w.load(work.args[0]), word)
        theirs = w.bitcast(work.args[3], shared.as_pointer())
        values = [w.load(cgutils.gep_inbounds(w, theirs, 0, place)) for place in range(2, len(given) + 2)]
        results = [w.alloca(x.type.pointee) for x in (result, failure)]
        with cgutils.for_range(w, w.load(work.args[1])) as loop:
            values[-2] = w.add(first, loop.index)
            status = w.call(function, [*results, *values], attrs=("noinline",))
            with w.if_then(w.icmp_signed("!=", status, status.type(0)), likely=False):
                w.store(w.load(results[1]), cgutils.gep_inbounds(w, theirs, 0, 1))
                w.store(status, cgutils.gep_inbounds(w, theirs, 0, 0))
        w.ret_void()

        def library(name, kind, *values):
            return b.call(cgutils.get_or_insert_function(b.module, kind, name), values)

        # The library runs the work for stretches of 0 .. parts - 1; an address that begins at 0 and has step 1 counts.
        values = pointer(None), arguments[1], word(1)
        counter, count, step = (cgutils.alloca_once_value(b, x) for x in values)
        with b.if_else(b.icmp_signed("==", arguments[0], word(IN_TURN))) as (in_turn, at_once):
            with in_turn:
                b.call(work, [counter, count, step, b.bitcast(frame, pointer)])
            with at_once:
                threads = library("get_num_threads", ir.FunctionType(word, []))
                given = [b.bitcast(x, pointer) for x in (work, counter, count, step, frame)]
                kind = ir.FunctionType(ir.VoidType(), [*[pointer]*5, *[word]*3])
                library("numba_parallel_for", kind, *given, word(0), word(1), threads)
        status = b.load(cgutils.gep_inbounds(b, frame, 0, 0))
        with b.if_then(b.icmp_signed("!=", status, status.type(0)), likely=False):
            b.store(b.load(cgutils.gep_inbounds(b, frame, 0, 1)), failure)
            b.ret(status)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), code
'''
