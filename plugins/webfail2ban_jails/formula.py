"""The formula of ``bantime.formula``: arithmetic of fail2ban's Python, and nothing else.

fail2ban runs the text with ``eval``. Here Python's own parser makes a tree of it, and only what is
named in this file means something: numbers, arithmetic, comparisons, ``x if y else z``, the three
variables and a few functions. There is no way from there to anything else, and no value grows
beyond what a float holds, so no formula can keep the machine busy.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf

Number = int | float

#: What the variables are worth.
Variables = Mapping[str, Number]

#: A part of a formula, ready to be computed.
Term = Callable[[Variables], Number]

#: Characters of a formula, which bounds its depth and its numbers too; fail2ban's own have 80.
MAX_TEXT = 250

#: What ``**`` and ``<<`` may lead to at most, in bits: a float's largest exponent. A shift within
#: it is done with whole numbers, as fail2ban does it.
MAX_BITS = 1024

#: fail2ban's words, as they stand in a formula.
VARIABLES = ("ban.Time", "ban.Count", "banFactor")

#: By the name in the formula.
FUNCTIONS: Mapping[str, Callable[..., Number]] = {
    "abs": abs,
    "float": float,
    "int": int,
    "max": max,
    "min": min,
    "round": round,
    "math.ceil": math.ceil,
    "math.exp": math.exp,
    "math.floor": math.floor,
    "math.log": math.log,
    "math.log10": math.log10,
    "math.log2": math.log2,
    "math.sqrt": math.sqrt,
}

CONSTANTS: Mapping[str, Number] = {"math.e": math.e, "math.pi": math.pi}

COMPARISONS: Mapping[type[ast.cmpop], Callable[[Number, Number], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}

SIGNS: Mapping[type[ast.unaryop], Callable[[Number], Number]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


def _power(base: Number, exponent: Number) -> Number:
    result = float(base) ** exponent
    if isinstance(result, complex):
        raise ValueError("a root of a negative number")  # noqa: TRY004 - of a value, not a type
    return result


def _shift(number: Number, bits: Number) -> Number:
    if not isinstance(number, int) or not isinstance(bits, int):
        raise ValueError("a shift of what is no whole number")  # noqa: TRY004 - of a value
    if number.bit_length() + bits > MAX_BITS:
        raise OverflowError
    return number << bits


def _bounded(operation: Callable[[Number, Number], Number]) -> Callable[[Number, Number], Number]:
    """Keep whole numbers within what a float holds: they would grow with each multiplication."""

    def compute(left: Number, right: Number) -> Number:
        result = operation(left, right)
        if isinstance(result, int) and result.bit_length() > MAX_BITS:
            raise OverflowError
        return result

    return compute


OPERATIONS: Mapping[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: _bounded(operator.add),
    ast.Sub: _bounded(operator.sub),
    ast.Mult: _bounded(operator.mul),
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
    ast.LShift: _shift,
}


@dataclass(frozen=True, slots=True)
class Formula:
    """How long a ban lasts, computed from how often there was one before.

    Attributes:
        text: As it was written.
    """

    text: str
    _term: Term

    def seconds(self, time: float, count: int, factor: float) -> float:
        """Compute the length of a ban.

        Args:
            time: The jail's bantime in seconds, ``ban.Time``.
            count: How many bans there were before, ``ban.Count``.
            factor: ``banFactor``.

        Returns:
            Seconds; infinity if it is more than a float holds.

        Raises:
            ValueError: it is not defined there: a division by zero, a root of something negative.
        """
        # A whole number stays one, as in fail2ban, where a shift of it is possible.
        whole = int(time) if float(time).is_integer() else time
        try:
            seconds = float(
                self._term({"ban.Time": whole, "ban.Count": count, "banFactor": factor})
            )
        except OverflowError:
            return inf
        except (ArithmeticError, TypeError) as error:
            raise ValueError(str(error)) from None
        if math.isnan(seconds):
            raise ValueError("the result is no number")
        return seconds


def parse_formula(text: str) -> Formula:
    """Read a formula in fail2ban's Python.

    Raises:
        ValueError: it is none; the message says what would be one.
    """
    if len(text) > MAX_TEXT:
        raise ValueError(f"must not be longer than {MAX_TEXT} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval")
        return Formula(text, _term(tree.body))
    except (SyntaxError, RecursionError, MemoryError):
        raise ValueError(f"must be a formula such as ban.Time * ban.Count, not {text}") from None


def parse_factor(value: object) -> float:
    """Read a number, or arithmetic that makes one: ``2.0 / 2.885385``.

    Raises:
        ValueError: it is neither, or not above zero.
    """
    try:
        factor = parse_formula(str(value)).seconds(math.nan, 0, math.nan)
    except ValueError:
        factor = 0.0
    if not 0 < factor < inf:
        raise ValueError(f"must be a number above zero, or arithmetic that makes one, not {value}")
    return factor


def _term(node: ast.expr) -> Term:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _constant(number)
        case ast.Name() | ast.Attribute():
            return _variable(_name(node))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATIONS:
            return _binary(OPERATIONS[type(op)], _term(left), _term(right))
        case ast.UnaryOp(op=op, operand=operand) if type(op) in SIGNS:
            return _call(SIGNS[type(op)], (_term(operand),))
        case ast.IfExp(test=ast.Compare() as test, body=body, orelse=orelse):
            return _choice(_condition(test), _term(body), _term(orelse))
        case ast.Call(func=function, args=args, keywords=[]):
            return _function(_name(function), [_term(arg) for arg in args])
    raise ValueError(f"must be arithmetic, and {ast.unparse(node)} is none")


def _name(node: ast.expr) -> str:
    """Return ``ban.Time`` of an attribute of a name; it is never looked up anywhere."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            return f"{name}.{attribute}"
    raise ValueError(f"must be arithmetic, and {ast.unparse(node)} is none")


def _constant(number: Number) -> Term:
    return lambda _: number


def _variable(name: str) -> Term:
    if name in CONSTANTS:
        return _constant(CONSTANTS[name])
    if name not in VARIABLES:
        raise ValueError(f"must not name {name}: there are {', '.join(VARIABLES)}")
    return lambda variables: variables[name]


def _binary(operation: Callable[[Number, Number], Number], left: Term, right: Term) -> Term:
    return lambda variables: operation(left(variables), right(variables))


def _call(function: Callable[..., Number], args: tuple[Term, ...]) -> Term:
    return lambda variables: function(*[arg(variables) for arg in args])


def _choice(test: Callable[[Variables], bool], body: Term, orelse: Term) -> Term:
    return lambda variables: body(variables) if test(variables) else orelse(variables)


def _condition(node: ast.Compare) -> Callable[[Variables], bool]:
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
            compare = COMPARISONS[type(op)]
            one, other = _term(left), _term(right)
            return lambda variables: compare(one(variables), other(variables))
    raise ValueError(f"must compare two numbers, and {ast.unparse(node)} does not")


def _function(name: str, args: list[Term]) -> Term:
    if name not in FUNCTIONS:
        raise ValueError(f"must not call {name}: there are {', '.join(FUNCTIONS)}")
    return _call(FUNCTIONS[name], tuple(args))
