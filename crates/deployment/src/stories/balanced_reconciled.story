3 hosts; web desired=2 strategy=blue-green balanced
deploy
  start a1 on h1, a2 on h2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic, 0% of requests
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: At stage SCALE_UP. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 100% of requests and 100% of tests
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: At stage CLEAN_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
deploy
  start b1 on h3, b2 on h1
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic, 0% of requests
  event: (service web) has started 2 tasks: (task b1) (task b2).
  why: At stage SCALE_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  stop a1 a2: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL, 0% of requests and 0% of tests
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, CLEAN_UP with 100% of traffic, 100% of requests and 100% of tests
  event: (service web) has stopped 2 running tasks: (task a1) (task a2).
  why: At stage CLEAN_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 2 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
# The old tasks are on their way out when the next revision comes. Requests go back to the old one as it grows back.
gone a1
  why: At stage CLEAN_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 1 are stopping.
deploy
  start a3 on h1
  deployment a: ACTIVE, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 0% of requests and 0% of tests
  deployment b: ACTIVE, 2 of its tasks wanted, IN_PROGRESS, STOPPED, 100% of requests and 100% of tests
  deployment c: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, RECONCILE_SERVICE with 0% of traffic, 0% of requests
  event: (service web) has started 1 tasks: (task a3).
  why: At stage RECONCILE_SERVICE. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 2 leave, 1 are stopping. 1 more wait for room under the ceiling of 4.
run
  stop b2: Scaling activity initiated by (deployment b)
  deployment a: ACTIVE, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 50% of requests and 0% of tests
  deployment b: ACTIVE, 1 of its tasks wanted, IN_PROGRESS, STOPPED, 50% of requests and 100% of tests
  event: (service web) has stopped 1 running tasks: (task b2).
  why: At stage RECONCILE_SERVICE. 2 desired, at least 2 healthy and at most 4 in all: 1 stay (1 healthy), 2 leave, 1 are stopping. 1 more wait for room under the ceiling of 4. Stops 1 healthy, those where there are most first.
go on
  ...
  start a4 on h2
  event: (service web) has started 1 tasks: (task a4).
  why: At stage RECONCILE_SERVICE. 2 desired, at least 2 healthy and at most 4 in all: 1 stay (1 healthy), 1 leave, 0 are stopping.
  ...
  stop b1: Scaling activity initiated by (deployment b)
  deployment a: ACTIVE, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 100% of requests and 100% of tests
  deployment b: ACTIVE, 0 of its tasks wanted, IN_PROGRESS, STOPPED, 0% of requests and 0% of tests
  deployment c: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, RECONCILE_SERVICE with 0% of traffic, 0% of requests and 0% of tests
  event: (service web) has stopped 1 running tasks: (task b1).
  why: At stage RECONCILE_SERVICE. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 1 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
  ...
  start c1 on h3, c2 on h1
  deployment c: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic, 0% of requests and 0% of tests
  deployment b is gone
  event: (service web) has started 2 tasks: (task c1) (task c2).
  why: At stage SCALE_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
  ...
  stop a3 a4: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL, 0% of requests and 0% of tests
  deployment c: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, CLEAN_UP with 100% of traffic, 100% of requests and 100% of tests
  event: (service web) has stopped 2 running tasks: (task a3) (task a4).
  why: At stage CLEAN_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 2 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
  ...
  deployment c: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 100% of requests and 100% of tests
  deployment a is gone
  event: (service web) (deployment c) deployment completed.
  event: (service web) has reached a steady state.
  why: At stage CLEAN_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
