"""Evidence: packages of clips and facts that anybody can check, years later and on another machine."""
