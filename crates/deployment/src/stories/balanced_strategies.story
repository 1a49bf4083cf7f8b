3 hosts; web desired=2 strategy=rolling balanced
# Behind a load balancer, but nobody shifts anything.
deploy
  start a1 on h1, a2 on h2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
deploy blue-green
  start b1 on h3, b2 on h1
  deployment a: ACTIVE, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 100% of requests
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic, 0% of requests
  event: (service web) has started 2 tasks: (task b1) (task b2).
  why: At stage SCALE_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  stop a1 a2: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL, 0% of requests and 0% of tests
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, CLEAN_UP with 100% of traffic, 100% of requests and 100% of tests
  event: (service web) has stopped 2 running tasks: (task a1) (task a2).
  why: At stage CLEAN_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 2 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
  ...
  deployment b: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 100% of requests and 100% of tests
  deployment a is gone
  event: (service web) (deployment b) deployment completed.
  event: (service web) has reached a steady state.
  why: At stage CLEAN_UP. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
# Back to the first target group, task by task: requests follow those that are well.
deploy rolling
  start c1 on h2, c2 on h1
  deployment c: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 0% of requests
  event: (service web) has started 2 tasks: (task c1) (task c2).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 2 leave, 0 are stopping.
run c1
  stop b2: Scaling activity initiated by (deployment b)
  deployment b: ACTIVE, 1 of its tasks wanted, COMPLETED, SUCCESSFUL, 50% of requests and 100% of tests
  deployment c: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 50% of requests
  event: (service web) has stopped 1 running tasks: (task b2).
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (1 healthy), 2 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
run c2
  stop b1: Scaling activity initiated by (deployment b)
  deployment b: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL, 0% of requests and 0% of tests
  deployment c: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 100% of requests and 100% of tests
  event: (service web) has stopped 1 running tasks: (task b1).
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 1 leave, 1 are stopping. Stops 1 healthy, those where there are most first.
go on
  ...
  deployment c: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL, 100% of requests and 100% of tests
  deployment b is gone
  event: (service web) (deployment c) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
