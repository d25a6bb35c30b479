"""The room: what every open page is sent over Socket.IO, and what a page that joins is given."""
