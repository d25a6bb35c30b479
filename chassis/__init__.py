"""The microservice chassis: what any service needs and no todo is in.

Source of the pattern: https://microservices.io/patterns/microservice-chassis.html
"""
