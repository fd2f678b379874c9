"""The tools that are registered with the practice LMS, and which of them are waiting to be activated."""

from __future__ import annotations

from dataclasses import replace

from service.demo.config import LmsConfig, ToolConfig
from service.demo.school import School


class ToolPending(RuntimeError):
    """The tool is registered but nobody has activated it yet."""


class Tools(School):
    """The registrations, the main one first."""

    def __init__(self, config: LmsConfig) -> None:
        super().__init__(config)
        self._tools: list[ToolConfig] = []
        self._pending: set[str] = set()
        for tool in config.tools:
            self.register(tool)

    @property
    def tools(self) -> tuple[ToolConfig, ...]:
        """The registered tools, the main one first."""
        return tuple(self._tools)

    def register(self, tool: ToolConfig) -> ToolConfig:
        """Add a tool, or another deployment of one, as an administrator would by hand."""
        with self._lock:
            known = any(tool.client_id == other.client_id for other in self._tools)
            self._tools.append(tool)
        if not known:
            for course in self.config.courses:
                self.gradebook.bind(course, course.links[0], tool)
        return tool

    def client(self, client_id: str) -> ToolConfig | None:
        """The first registration with this client id."""
        return next((tool for tool in self._tools if tool.client_id == client_id), None)

    def replace_tool(self, client_id: str, **values: object) -> ToolConfig:
        """Change values of every deployment of a client. Raises ``KeyError`` for no client of ours."""
        with self._lock:
            self._tools = [
                replace(tool, **values) if tool.client_id == client_id else tool  # type: ignore[arg-type]
                for tool in self._tools
            ]
        found = self.client(client_id)
        if found is None:
            raise KeyError(client_id)
        return found

    def is_pending(self, tool: ToolConfig) -> bool:
        """Whether a tool is waiting to be activated."""
        return tool.client_id in self._pending

    def activate(self, tool: ToolConfig | str) -> ToolConfig:
        """Let a registered tool be opened, as an administrator does after looking at it. Gives the tool as it is now."""
        client_id = tool if isinstance(tool, str) else tool.client_id
        self._pending.discard(client_id)
        found = self.client(client_id)
        if found is None:
            raise KeyError(client_id)
        return found

    def demand_active(self, tool: ToolConfig) -> ToolConfig:
        """The tool itself. Raises :class:`ToolPending` when nobody has activated it."""
        if self.is_pending(tool):
            raise ToolPending(f"{tool.name} ({tool.client_id}) is registered but not activated")
        return tool
