"""How well people work and what that entitles them to: gold, overlap, and the crowd's labels."""
