"""The house: control plane, keys and vaults put together, sealed until there is a master key."""
