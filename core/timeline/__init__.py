"""The timeline document and its plan: schema, validation, variables, keyframes. Pure: no I/O, no clock."""
