"""The links: a TCP proxy between processes and servers, in the way only while the lab needs it.

Its words are Toxiproxy's: https://github.com/Shopify/toxiproxy#toxics
"""
