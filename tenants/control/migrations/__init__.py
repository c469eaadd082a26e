"""Migrations of the control plane, in order. `docs/control-plane.md` says how a new one is made."""
