"""The microservice chassis: what every service needs, whatever it is about.

Source of the pattern: https://microservices.io/patterns/microservice-chassis.html
"""
