3 hosts; web desired=4 min=100 max=150
deploy
  start a1 on h1, a2 on h2, a3 on h3, a4 on h1
  deployment a: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 4 tasks: (task a1) (task a2) (task a3) (task a4).
  why: 4 desired, at least 4 healthy and at most 6 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: PRIMARY, 4 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 4 desired, at least 4 healthy and at most 6 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
deploy
  start b1 on h2, b2 on h3
  deployment b: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task b1) (task b2).
  why: 4 desired, at least 4 healthy and at most 6 in all: 0 stay (0 healthy), 4 leave, 0 are stopping. 2 more wait for room under the ceiling of 6. No healthy task can be spared above the floor of 4.
run b1 b2
  stop a1 a2: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 2 running tasks: (task a1) (task a2).
  why: 4 desired, at least 4 healthy and at most 6 in all: 2 stay (2 healthy), 4 leave, 0 are stopping. 2 more wait for room under the ceiling of 6. Stops 2 healthy, those where there are most first.
gone
  start b3 on h1, b4 on h2
  event: (service web) has started 2 tasks: (task b3) (task b4).
  why: 4 desired, at least 4 healthy and at most 6 in all: 2 stay (2 healthy), 2 leave, 0 are stopping.
# A rolling deployment is half done when a blue/green one begins: what serves of the second goes only as the first grows back.
deploy blue-green
  stop b3 b4: Scaling activity initiated by (deployment b)
  deployment a: ACTIVE, 4 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: ACTIVE, 2 of its tasks wanted, IN_PROGRESS, STOPPED
  deployment c: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, RECONCILE_SERVICE with 0% of traffic
  event: (service web) stopped 2 pending tasks.
  why: At stage RECONCILE_SERVICE. 4 desired, at least 4 healthy and at most 6 in all: 2 stay (2 healthy), 4 leave, 0 are stopping. 2 more wait for room under the ceiling of 6. Stops 2 not yet healthy, those where there are most first.
go on
  ...
  start a5 on h1, a6 on h2
  event: (service web) has started 2 tasks: (task a5) (task a6).
  why: At stage RECONCILE_SERVICE. 4 desired, at least 4 healthy and at most 6 in all: 2 stay (2 healthy), 2 leave, 0 are stopping.
  ...
  stop b1 b2: Scaling activity initiated by (deployment b)
  deployment b: ACTIVE, 0 of its tasks wanted, IN_PROGRESS, STOPPED
  event: (service web) has stopped 2 running tasks: (task b1) (task b2).
  why: At stage RECONCILE_SERVICE. 4 desired, at least 4 healthy and at most 6 in all: 4 stay (4 healthy), 2 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
  ...
  start c1 on h2, c2 on h3, c3 on h1, c4 on h2
  deployment c: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, SCALE_UP with 0% of traffic
  deployment b is gone
  event: (service web) has started 4 tasks: (task c1) (task c2) (task c3) (task c4).
  why: At stage SCALE_UP. 4 desired, at least 4 healthy and at most 8 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. 4 desired, at least 4 healthy and at most 8 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
  ...
  stop a4 a6 a3 a5: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment c: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, CLEAN_UP with 100% of traffic
  event: (service web) has stopped 4 running tasks: (task a4) (task a6) (task a3) (task a5).
  why: At stage CLEAN_UP. 4 desired, at least 4 healthy and at most 6 in all: 4 stay (4 healthy), 4 leave, 0 are stopping. Stops 4 healthy, those where there are most first.
  ...
  deployment c: PRIMARY, 4 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment a is gone
  event: (service web) (deployment c) deployment completed.
  event: (service web) has reached a steady state.
  why: At stage CLEAN_UP. 4 desired, at least 4 healthy and at most 6 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
