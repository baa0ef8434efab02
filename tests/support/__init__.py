"""What tests share: the clients behind one face, servers that misbehave, time that does not pass by itself."""
