"""Real processes killed and frozen while clients write, who note what was acknowledged: nothing lost, nothing doubled."""
