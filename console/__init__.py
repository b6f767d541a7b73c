"""What starts with a request over HTTP: pages for staff, operators, residents and auditors, and the API.

Here may live: pages, forms, sign-in, who may see what. Here may not live: decisions and Kafka; a page calls the same
functions of `casework` that the stream and the clock call. This room never imports `streams`.
"""
