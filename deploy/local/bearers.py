"""For whom a token is made: the claims of each role, and what does not go together."""

from dataclasses import dataclass

from deploy.local.problem import StackProblem
from shared.access.scopes import TOWN_CODES, default_scopes
from shared.access.tokens import ROLES
from shared.duties.departments import ALL_CODES, is_known

_BOUND_BY = {
    "staff": ("department", "town"),
    "institution": ("institution",),
    "bank": ("bank",),
    "platform": ("platform",),
    "bank_admin": (),
    "admin": (),
}
_ROLE_OF = {claim: role for role, claims in _BOUND_BY.items() for claim in claims}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Whoever a token is for, as the command line names them."""

    role: str | None = None
    department: str | None = None
    town: str | None = None
    institution: str | None = None
    bank: str | None = None
    platform: str | None = None
    scope: str | None = None
    subject: str | None = None

    def claims(self) -> dict[str, str]:
        """Return the claims of the token, or say what is impossible."""
        bound = self._bound()
        role = self._role(bound)
        _check_bound(role, bound)
        office = bound.get("department") or bound.get("town")
        if self.scope is not None:
            _check_scope(self.scope, role, office)
        more = {"scope": self.scope, "sub": self.subject}
        given = {claim: value for claim, value in more.items() if value is not None}
        return {"role": role, **bound, **given}

    def _bound(self) -> dict[str, str]:
        named = {claim: getattr(self, claim) for claim in _ROLE_OF}
        return {claim: value for claim, value in named.items() if value}

    def _role(self, bound: dict[str, str]) -> str:
        if self.role is not None and self.role not in ROLES:
            raise StackProblem(f"没有 {self.role} 这个角色，可用：{' '.join(ROLES)}")
        if self.role is None and not bound:
            options = " ".join(f"--{claim}" for claim in (*_ROLE_OF, "role"))
            raise StackProblem(f"请说明令牌给谁：{options}")
        return self.role or _ROLE_OF[next(iter(bound))]


def _check_bound(role: str, bound: dict[str, str]) -> None:
    """A token is bound to exactly one body, and to one of its role's kind."""
    allowed = _BOUND_BY[role]
    if foreign := [f"--{claim}" for claim in bound if claim not in allowed]:
        raise StackProblem(f"{role} 令牌不能带 {'、'.join(foreign)}")
    if allowed and not bound:
        raise StackProblem(f"{role} 令牌须说明 {' 或 '.join(f'--{claim}' for claim in allowed)}")
    if len(bound) > 1:
        raise StackProblem("--department 和 --town 只能填一个")
    for code in (bound.get("department"), bound.get("town")):
        if code is not None and not is_known(code):
            raise StackProblem(f"没有 {code} 这个部门或镇街代码，可用：{' '.join(ALL_CODES)}")
    if (town := bound.get("town")) is not None and town not in TOWN_CODES:
        raise StackProblem(f"{town} 是部门，不是镇街：请用 --department {town}")


def _check_scope(scope: str, role: str, office: str | None) -> None:
    may = default_scopes(role, office)
    if beyond := [name for name in scope.split() if name not in may]:
        raise StackProblem(
            f"{office or role} 没有权限 {' '.join(beyond)}，可用：{' '.join(sorted(may)) or '无'}"
        )
