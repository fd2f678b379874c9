"""The operator's door and pages: for whoever runs the installation and has no account in any learning platform."""
