"""The core of Stegvis: launches, cohorts, who may do what. It knows the plugin contract and never a plugin."""
