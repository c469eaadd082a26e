"""Backups: sets of sealed, signed, chained copies of the control plane, the vaults and the wrapped keys."""
