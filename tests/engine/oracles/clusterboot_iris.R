# Clusterwise stability of k-means on iris by fpc (Hennig 2007): writes clusterboot_iris.csv beside this script.
# Run: Rscript clusterboot_iris.R     Made with R 4.2 and r-cran-fpc 2.2-10.
library(fpc)
data <- as.matrix(iris[, 1:4])
set.seed(1)
reference <- kmeans(data, 3, nstart = 100)$cluster
out <- NULL
for (scheme in c("boot", "subset", "noise")) {
  found <- clusterboot(data, B = 2000, bootmethod = scheme, clustermethod = kmeansCBI, krange = 3, runs = 10,
                       seed = 7, count = FALSE)
  each <- switch(scheme, boot = found$bootresult, subset = found$subsetresult, noise = found$noiseresult)
  for (j in 1:3) {
    out <- rbind(out, data.frame(
      scheme = scheme, size = sum(found$partition == j), mean = mean(each[j, ]), sd = sd(each[j, ]),
      dissolved = mean(each[j, ] <= 0.5), recovered = mean(each[j, ] > 0.75), runs = ncol(each)))
  }
}
write.csv(out, "clusterboot_iris.csv", row.names = FALSE)
