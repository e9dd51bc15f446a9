"""The audit log: what happened, in one chain that shows any change, gap or cut."""
