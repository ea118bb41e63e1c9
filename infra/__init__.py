"""Where Standby runs: the CDK app, the local AWS, and the operators' commands."""
