"""What a camera gives to the bus, from its main stream or its sub-stream."""
