"""The room: what every open page, and every page that joins, is sent over Socket.IO."""
