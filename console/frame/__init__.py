"""The frame on which every screen stands. Start reading at :mod:`console.frame.screen`."""
